"""Loading: folders of data packages to one checked release. Every check of input lives here."""

from generator.loading.releases import check, find_releases, read_release

__all__ = ["check", "find_releases", "read_release"]

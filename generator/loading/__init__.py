"""Loading: folders of data packages to one checked release. Every check of input lives here."""

from generator.loading.releases import check, describe_release, find_releases, read_release

__all__ = ["check", "describe_release", "find_releases", "read_release"]

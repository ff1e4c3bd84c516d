"""The room that writes: the site's files, the full-text index, and the swap of a finished site."""

from generator.publishing.files import write_file
from generator.publishing.fulltext import write_full_text
from generator.publishing.inputs import refuse_inputs
from generator.publishing.inspection import inspect
from generator.publishing.keeping import kept_text
from generator.publishing.replacement import replacing

__all__ = ["inspect", "kept_text", "refuse_inputs", "replacing", "write_file", "write_full_text"]

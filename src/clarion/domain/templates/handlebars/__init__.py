"""The template language: Handlebars with the helpers of Amazon Pinpoint, compiled once and rendered often.

A template is written by a customer and its values come from recipients, so neither can reach anything but the
values given, and neither can make a rendering unbounded (`Budget`). Values are inserted as they are, unescaped.

    syntax/     text to tree
    compiler/   tree to closures
    builtin/    the helpers
    dates/      Java date patterns
    runtime/    values, numbers, the state of one rendering
"""

from clarion.domain.templates.handlebars.budget import DEFAULT_BUDGET, Budget
from clarion.domain.templates.handlebars.errors import RenderError, TemplateSyntaxError
from clarion.domain.templates.handlebars.runtime.values import Layers, Lookup
from clarion.domain.templates.handlebars.template import Missing, Template, TemplateCache, compile_template

__all__ = [
    "DEFAULT_BUDGET",
    "Budget",
    "Layers",
    "Lookup",
    "Missing",
    "RenderError",
    "Template",
    "TemplateCache",
    "TemplateSyntaxError",
    "compile_template",
]

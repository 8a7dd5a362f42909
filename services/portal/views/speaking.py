"""The templates in a language: what they say by themselves, how they say facts, and the few functions that they call."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes, select_autoescape
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from services.portal.views import assets, words
from services.portal.views.language import Language, translations
from shared.regulation import limits

TEMPLATES = Path(__file__).parent.parent / "templates"


def environment(language: Language) -> Environment:
    """The templates in one language. A name that a template misspells is an error, not an empty place."""
    env = Facts(
        loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(default=True), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False, extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    env.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    env.code_generator_class = type("Compiling", (Compiling,), {"translated": Translated(language)})
    speech = Speech(language)
    env.filters |= {
        "day": words.day, "moment": words.moment, "number": words.number, "dong": words.dong, "cut": words.cut,
        "say": speech.say, "vn": speech.vn,
        "both": lambda text: (text["vi"], text["en"]),
    }  # fmt: skip
    env.globals |= {
        "words": words, "complaint_term": limits.SETTINGS["complaint"], "asset": assets.address, "language": language,
        "integrity": assets.integrity, "link": link,
    }  # fmt: skip
    return env


class Facts(Environment):
    """`row.name` of a page's facts is their item: to look for an attribute first would fail at almost every word of a page."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


class Translated(NodeTransformer):
    """Puts the translation of a text that holds no facts in the place of the question for it."""

    def __init__(self, language: Language) -> None:
        self._catalogue = translations(language)

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        if isinstance(node.node, nodes.Name) and node.node.name == "_" and not node.kwargs:
            (text,) = node.args
            assert isinstance(text, nodes.Const)
            return nodes.Const(self._catalogue.gettext(text.value), lineno=node.lineno)
        return node


class Compiling(CodeGenerator):
    """Translates once, when a template is compiled: a page asks for some two hundred texts."""

    translated: Translated

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        super().visit_Template(self.translated.visit(node), frame)


class Speech:
    """How facts are said in a language: those that come in both, and those that are Vietnamese whatever page they are on."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def say(self, text: tuple[str, str]) -> str:
        """The one of (Vietnamese, English) that is wanted; what has no English is marked as Vietnamese."""
        return text[0] if self.language == "vi" else text[1] or self.vn(text[0])

    def vn(self, text: str) -> str:
        """A name or a text in Vietnamese; on a page in another language it says so, for those who have it read out."""
        return text if self.language == "vi" else Markup('<span lang="vi">{}</span>').format(text)


def link(path: str, filters: Mapping[str, Any], page: int = 1) -> str:
    """A page of a list with its filters; those that are None are left out."""
    given = {**filters, "page": page if page > 1 else None}
    return f"{path}?{urlencode({name: value for name, value in given.items() if value is not None})}"

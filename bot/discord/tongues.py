"""What the commands that everybody sees are called in other languages, and what they do."""

from __future__ import annotations

from typing import Any

from discord import Locale, app_commands
from discord.app_commands import TranslationContextLocation as At

_GERMAN = {
    "ask": ("fragen", "Zitiert die Artikel, die eine Frage beantworten."),
    "timeline": ("verlauf", "Erzählt eine Geschichte über die Zeit, ein Zitat pro Tag."),
    "follow": ("folgen", "Meldet sich hier, wenn ein neuer Artikel eine Frage beantwortet."),
    "following": ("gefolgt", "Zeigt die Fragen, denen hier gefolgt wird, und entfernt sie."),
    "help": ("hilfe", "Was man mich fragen kann, und wie."),
    "settings": ("einstellungen", "Woraus ich antworte, wo, und wer es sieht."),
    "digest": ("überblick", "Meldet hier täglich, was neu ist, oder beendet das."),
    "privacy": ("datenschutz", "Was ich aufbewahre, wie lange, und wie man es löschen lässt."),
    "Ask about this": ("Danach fragen", ""),
    "Check this quote": ("Zitat prüfen", ""),
}
_FRENCH = {
    "ask": ("demander", "Cite les articles qui répondent à une question."),
    "timeline": ("chronologie", "Raconte une histoire dans le temps, une citation par jour."),
    "follow": ("suivre", "Publie ici quand un nouvel article répond à une question."),
    "following": ("suivis", "Liste les questions suivies ici, et les retire."),
    "help": ("aide", "Ce que l'on peut me demander, et comment."),
    "settings": ("réglages", "À partir de quoi je réponds, où, et qui le voit."),
    "digest": ("résumé", "Publie ici chaque jour les nouveaux articles, ou y met fin."),
    "privacy": ("confidentialité", "Ce que je garde, combien de temps, et comment l'effacer."),
    "Ask about this": ("Demander à ce sujet", ""),
    "Check this quote": ("Vérifier cette citation", ""),
}
_SPANISH = {
    "ask": ("preguntar", "Cita los artículos que responden a una pregunta."),
    "timeline": ("cronología", "Cuenta una historia en el tiempo, una cita por día."),
    "follow": ("seguir", "Publica aquí cuando un artículo nuevo responde a una pregunta."),
    "following": ("seguidas", "Muestra las preguntas que se siguen aquí, y las quita."),
    "help": ("ayuda", "Qué se me puede preguntar, y cómo."),
    "settings": ("ajustes", "De qué respondo, dónde, y quién lo ve."),
    "digest": ("resumen", "Publica aquí cada día los artículos nuevos, o lo termina."),
    "privacy": ("privacidad", "Qué guardo, cuánto tiempo, y cómo pedir que se borre."),
    "Ask about this": ("Preguntar sobre esto", ""),
    "Check this quote": ("Comprobar esta cita", ""),
}
_PORTUGUESE = {
    "ask": ("perguntar", "Cita os artigos que respondem a uma pergunta."),
    "timeline": ("cronologia", "Conta uma história no tempo, uma citação por dia."),
    "follow": ("seguir", "Publica aqui quando um novo artigo responde a uma pergunta."),
    "following": ("seguidas", "Mostra as perguntas que são seguidas aqui, e as remove."),
    "help": ("ajuda", "O que se pode me perguntar, e como."),
    "settings": ("configurações", "De que respondo, onde, e quem vê."),
    "digest": ("resumo", "Publica aqui todo dia os artigos novos, ou encerra isso."),
    "privacy": ("privacidade", "O que guardo, por quanto tempo, e como pedir que seja apagado."),
    "Ask about this": ("Perguntar sobre isto", ""),
    "Check this quote": ("Verificar esta citação", ""),
}
TONGUES = {
    Locale.german: _GERMAN,
    Locale.french: _FRENCH,
    Locale.spain_spanish: _SPANISH,
    Locale.latin_american_spanish: _SPANISH,
    Locale.brazil_portuguese: _PORTUGUESE,
}
"""By the English name of a command: its name, and its description, which a menu has none of."""


class Tongues(app_commands.Translator):
    """Tells Discord of the names and descriptions; what is in no list stays English."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """A name or a description in another language."""
        data: Any = context.data
        if context.location not in (At.command_name, At.command_description):
            return None
        name, description = TONGUES.get(locale, {}).get(data.qualified_name, ("", ""))
        return (name if context.location is At.command_name else description) or None

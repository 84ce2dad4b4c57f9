"""What the message with the code says. The English sentence is Pinpoint's; the others are ours."""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, str] = {
    "de-DE": "Ihr Einmalpasswort lautet {{code}}, gesendet von {{brand}}",
    "en-GB": "This is your One Time Password: {{code}} from {{brand}}",
    "en-US": "This is your One Time Password: {{code}} from {{brand}}",
    "es-419": "Esta es su contraseña de un solo uso: {{code}} de {{brand}}",
    "es-ES": "Esta es su contraseña de un solo uso: {{code}} de {{brand}}",
    "fr-CA": "Voici votre mot de passe à usage unique : {{code}} de {{brand}}",
    "fr-FR": "Voici votre mot de passe à usage unique : {{code}} de {{brand}}",
    "it-IT": "Questa è la tua password monouso: {{code}} da {{brand}}",
    "ja-JP": "{{brand}}からのワンタイムパスワード: {{code}}",
    "ko-KR": "{{brand}}의 일회용 비밀번호: {{code}}",
    "pt-BR": "Esta é a sua senha de uso único: {{code}} de {{brand}}",
    "zh-CN": "{{brand}}向您发送的一次性密码:{{code}}",
    "zh-TW": "{{brand}}傳送給您的一次性密碼:{{code}}",
}

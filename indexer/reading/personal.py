"""Personal fields: names, contacts, avatars, addresses and tokens are never stored, not even in quarantine."""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import unicodedata
from typing import Any, Final

PERSONAL: Final = frozenset(
    [
        "nickname",
        "nick_name",
        "nick",
        "username",
        "user_name",
        "screen_name",
        "real_name",
        "author_name",
        "blogger_nick_name",
        "bloggernickname",
        "avatar",
        "avatar_url",
        "image_url_avatar",
        "phone",
        "mobile",
        "mobile_phone",
        "telephone",
        "tel",
        "email",
        "e_mail",
        "mail",
        "wechat",
        "weixin",
        "wx",
        "qq",
        "contact",
        "contacts",
        "contact_info",
        "id_card",
        "idcard",
        "identity_card",
        "address",
        "ip",
        "ip_address",
        "ip_location",
        "xsec_token",
        "token",
        "access_token",
        "refresh_token",
        "cookie",
        "cookies",
        "authorization",
        "password",
        "passwd",
        "secret",
        "signature",
        "sign",
        "gender",
        "birthday",
        "age",
        "昵称",
        "用户昵称",
        "达人名称",
        "达人昵称",
        "博主昵称",
        "作者昵称",
        "账号名称",
        "姓名",
        "真实姓名",
        "用户名",
        "头像",
        "头像url",
        "头像链接",
        "联系方式",
        "联系电话",
        "电话",
        "手机",
        "手机号",
        "手机号码",
        "邮箱",
        "电子邮箱",
        "微信",
        "微信号",
        "身份证",
        "身份证号",
        "地址",
        "收货地址",
        "详细地址",
        "ip归属地",
        "ip属地",
        "性别",
        "生日",
        "用户主页url",
        "主页链接",
        "note_url",
        "video_url",
        "笔记url",
        "user_link",
    ]
)
_PEOPLE: Final = frozenset(
    [
        "user_id",
        "userid",
        "uid",
        "user_idx",
        "author_id",
        "authorid",
        "author",
        "client_id",
        "clientid",
        "session_id",
        "sessionid",
        "session_idx",
        "creator_id",
        "creatorid",
        "kol_id",
        "kolid",
        "bloggerid",
        "blogger_id",
        "red_id",
        "用户id",
        "作者id",
        "达人id",
        "博主id",
        "小红书号",
    ]
)
# Mainland mobile numbers, identity cards, e-mail addresses. Boundaries keep 24-digit ids and prices whole.
CONTACT: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|\d{17}[\dXx])(?![0-9A-Za-z])"
    r"|[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[A-Za-z]{2,10}"
)
# Whatever CONTACT finds, this finds too, in engines that can't look around: a quick way to pass over the rest.
MAYBE_CONTACT: Final = r"1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}|[0-9]{17}[0-9Xx]|[A-Za-z0-9._%+-]@[A-Za-z0-9]"
_JSON_PAIR: Final = re.compile(r'"([^"\\]{1,40})"\s*:\s*("(?:[^"\\]|\\.)*"?|[-\d.]+)')
MASK: Final = "***"
_DEEPEST: Final = 6


def folded_name(name: str) -> str:
    """A column's name as it is compared: NFKC, lower case, no white space, no byte order mark."""
    return "".join(unicodedata.normalize("NFKC", name).lower().split()).strip("\ufeff\u200b")


def is_personal(column: str) -> bool:
    """Whether a column of that name holds something that is never stored."""
    return folded_name(column) in PERSONAL


def has_contact(text: str) -> bool:
    """Whether a text is or holds a phone number, an identity number or an e-mail address."""
    return CONTACT.search(text) is not None


def hashed(salt: str, value: str) -> str:
    """HMAC-SHA256(salt, value), first 32 hexadecimal digits."""
    return hmac.digest(salt.encode(), value.encode("utf-8", "replace"), hashlib.sha256).hex()[:32]


def without_personal(row: Any, salt: str, depth: int = 0) -> Any:
    """A raw row for its owner's eyes: personal columns gone, people's ids hashed, contacts in texts masked."""
    if depth > _DEEPEST:
        return MASK
    if isinstance(row, dict):
        return {
            str(key): hashed(salt, str(value))
            if folded_name(str(key)) in _PEOPLE and value not in (None, "")
            else without_personal(value, salt, depth + 1)
            for key, value in row.items()
            if not is_personal(str(key))
        }
    if isinstance(row, list | tuple):
        return [without_personal(value, salt, depth + 1) for value in row]
    if isinstance(row, float) and not math.isfinite(row):
        return str(row)  # JSON has no such number
    if isinstance(row, bytes):
        row = row.decode("utf-8", "replace")
    if isinstance(row, str):
        return CONTACT.sub(MASK, _JSON_PAIR.sub(_masked_pair, row) if row.lstrip()[:1] in {"{", "["} else row)
    return row


def _masked_pair(pair: re.Match[str]) -> str:
    name = folded_name(pair[1])
    return f'"{pair[1]}": "{MASK}"' if name in PERSONAL or name in _PEOPLE else pair[0]

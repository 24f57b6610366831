"""Who writes to the Official Account: the visitor whom an openid stands for."""

from __future__ import annotations

from models.accounts import find_wechat_user_by_openid
from models.database import reading
from wxbackend.services.dependencies import Dependencies
from wxbackend.services.members import Moment
from wxbackend.services.visitors import NOBODY, Visitor, visitor_in_wechat


def find_follower(dependencies: Dependencies, openid: str) -> Visitor:
    """The visitor of this openid with what they are signed in as; `NOBODY` for one never seen."""
    moment = Moment(dependencies.clock(), dependencies.policy.sign_in)
    app_id = dependencies.gateways.wechat.app_id
    with reading() as session:
        user = find_wechat_user_by_openid(session, app_id, openid)
        return NOBODY if user is None else visitor_in_wechat(session, user, moment)

"""The back office on the PC: 数据台账管理系统. A module holds one page of the menu."""

from __future__ import annotations

from handlers.office import (
    accounts,
    alerts,
    audit,
    corrections,
    digests,
    driver_changes,
    drivers,
    enterprise_changes,
    enterprise_leads,
    enterprises,
    exports,
    home,
    imports,
    job_requests,
    jobs,
    notification_decisions,
    notifications,
    places,
    reservations,
    settings,
    sign_in,
    sign_ins,
    sms_provider_decisions,
    sms_providers,
    wechat_connections,
)

BLUEPRINTS = tuple(
    module.blueprint
    for module in (
        accounts,
        alerts,
        audit,
        corrections,
        digests,
        driver_changes,
        drivers,
        enterprise_changes,
        enterprise_leads,
        enterprises,
        exports,
        home,
        imports,
        job_requests,
        jobs,
        notification_decisions,
        notifications,
        places,
        reservations,
        settings,
        sign_in,
        sign_ins,
        sms_provider_decisions,
        sms_providers,
        wechat_connections,
    )
)

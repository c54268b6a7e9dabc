"""HTTP in, HTML out."""

from webapp.blueprints import (
    activities,
    agents,
    areas,
    assignments,
    board,
    bulk,
    calendar,
    connections,
    deeds,
    desk,
    enquiries,
    exports,
    front_desk,
    handovers,
    health,
    home,
    hooks,
    interests,
    jobs,
    leads,
    links,
    notifications,
    pipeline,
    reports,
    sessions,
    tasks,
    users,
)

BLUEPRINTS = [
    module.bp
    for module in (
        activities,
        agents,
        areas,
        assignments,
        board,
        bulk,
        calendar,
        connections,
        deeds,
        desk,
        enquiries,
        exports,
        front_desk,
        handovers,
        health,
        home,
        hooks,
        interests,
        jobs,
        leads,
        links,
        notifications,
        pipeline,
        reports,
        sessions,
        tasks,
        users,
    )
]

WITHOUT_CSRF = (hooks.bp,)
"""Where machines sign what they send, and no cookie is read."""

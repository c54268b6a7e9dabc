"""HTTP in, HTML out."""

from webapp.blueprints import (
    activities,
    agents,
    areas,
    assignments,
    board,
    bulk,
    calendar,
    deeds,
    enquiries,
    exports,
    front_desk,
    health,
    home,
    interests,
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
        deeds,
        enquiries,
        exports,
        front_desk,
        health,
        home,
        interests,
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

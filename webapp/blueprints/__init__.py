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
    desk,
    enquiries,
    exports,
    front_desk,
    health,
    home,
    interests,
    leads,
    notifications,
    pipeline,
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
        desk,
        enquiries,
        exports,
        front_desk,
        health,
        home,
        interests,
        leads,
        notifications,
        pipeline,
        sessions,
        tasks,
        users,
    )
]

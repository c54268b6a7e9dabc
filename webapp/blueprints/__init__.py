"""HTTP in, HTML out."""

from webapp.blueprints import (
    activities,
    areas,
    assignments,
    calendar,
    enquiries,
    front_desk,
    health,
    home,
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
        areas,
        assignments,
        calendar,
        enquiries,
        front_desk,
        health,
        home,
        leads,
        notifications,
        pipeline,
        sessions,
        tasks,
        users,
    )
]

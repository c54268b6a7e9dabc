"""The properties on offer."""

import click
from flask.cli import AppGroup

from webapp import cleaning
from webapp.commands.endings import refusals
from webapp.services import listings
from webapp.services.access import SYSTEM
from webapp.vocabulary import PropertyType, Purpose

group = AppGroup("listings", help="The properties on offer.")


def money(_context, _parameter, value: str | None):
    try:
        return cleaning.money(value) if value else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@group.command("add")
@click.argument("reference")
@click.option("--title", required=True)
@click.option("--type", "property_type", type=click.Choice([kind.value for kind in PropertyType]))
@click.option("--area")
@click.option("--purpose", type=click.Choice([purpose.value for purpose in Purpose]))
@click.option("--price", callback=money, help="AED: 1.5M, 85k; of a rental a year's.")
@click.option("--permit", help="Number of the advertising permit.")
@click.option("--url", help="Where it is advertised.")
def add_listing(reference, property_type, purpose, **details):
    """Add a property under the reference that the office knows it by."""
    with refusals():
        listing = listings.add(
            reference,
            by=SYSTEM,
            property_type=PropertyType(property_type) if property_type else None,
            purpose=Purpose(purpose) if purpose else None,
            **details,
        )
    click.echo(f"{listing.reference} is {listing.title}.")

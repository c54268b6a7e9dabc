from wtforms import Form, StringField

from webapp import cleaning

LONGEST = 100


class SearchForm(Form):
    """What somebody looks for, as the URL holds it."""

    q = StringField()

    @property
    def typed(self) -> str:
        """In one line and without what cannot be seen: nobody's typing is refused."""
        return cleaning.visible((self.q.data or "").replace("\n", " ").replace("\t", " "))[:LONGEST].strip()

"""The bare app that ours is measured against: Flask, SQLAlchemy and psycopg with one page."""

import os

from flask import Flask, render_template_string
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
db = SQLAlchemy(app)


@app.get("/livez")
def page():
    return render_template_string("<h1>{{ number }}</h1>", number=db.session.scalar(text("SELECT 1")))

"""Everything a database holds besides its rows, as one query sees it, and the golden file it is compared with.

`python -m tests.database.catalogue` writes the golden file anew after a migration; its diff is part of the review.
"""

from pathlib import Path

import flask_migrate

from tests.conftest import application, connection, new_database
from webapp.database import embedded
from webapp.extensions import db

GOLDEN = Path(__file__).parents[1] / "fixtures" / "golden_catalogue.txt"

# Names only where order or oid would differ between databases; owners and the server's roles are not the schema's.
# PostgreSQL 18 has constraints for NOT NULL (contype n), which the columns tell already.
QUERY = r"""
WITH tables AS (
    SELECT c.*, c.oid::regclass::text AS name FROM pg_class c
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
), functions AS (
    SELECT p.*, p.oid::regprocedure::text AS name FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
), grants (object, owner, entries) AS (
    SELECT 'schema public', nspowner, coalesce(nspacl, acldefault('n', nspowner))
    FROM pg_namespace WHERE nspname = 'public'
    UNION ALL SELECT name, relowner, coalesce(relacl, acldefault(
        CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))
    FROM tables
    UNION ALL SELECT name || '.' || attname, relowner, attacl FROM tables JOIN pg_attribute ON attrelid = tables.oid
    UNION ALL SELECT name, proowner, coalesce(proacl, acldefault('f', proowner)) FROM functions
    UNION ALL SELECT concat_ws(' ', 'new objects of kind', defaclobjtype, 'in', defaclnamespace::regnamespace),
        defaclrole, defaclacl FROM pg_default_acl
)
SELECT 'table ' || name, concat_ws(' ', relkind, relpersistence, CASE WHEN relrowsecurity THEN 'row security' END)
FROM tables
UNION ALL SELECT 'column ' || name || '.' || attname, concat_ws(' ', format_type(atttypid, atttypmod),
    CASE WHEN attnotnull THEN 'not null' END, 'default ' || pg_get_expr(adbin, adrelid),
    CASE attidentity WHEN 'a' THEN 'identity always' WHEN 'd' THEN 'identity by default' END,
    CASE WHEN attgenerated <> '' THEN 'generated' END)
FROM tables JOIN pg_attribute ON attrelid = tables.oid AND attnum > 0 AND NOT attisdropped
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE relkind <> 'S'
UNION ALL SELECT 'sequence ' || name, concat_ws(' ', format_type(seqtypid, NULL), 'from', seqstart, 'by', seqincrement)
FROM tables JOIN pg_sequence ON seqrelid = tables.oid
UNION ALL SELECT 'constraint ' || name || '.' || conname, pg_get_constraintdef(pg_constraint.oid)
FROM tables JOIN pg_constraint ON conrelid = tables.oid AND contype <> 'n'
UNION ALL SELECT 'index ' || indexrelid::regclass,
    pg_get_indexdef(indexrelid) || CASE WHEN indisvalid THEN '' ELSE ' INVALID' END
FROM tables JOIN pg_index ON indrelid = tables.oid
UNION ALL SELECT 'trigger ' || name || '.' || tgname,
    pg_get_triggerdef(pg_trigger.oid) || CASE tgenabled WHEN 'O' THEN '' ELSE ' not enabled' END
FROM tables JOIN pg_trigger ON tgrelid = tables.oid AND NOT tgisinternal
UNION ALL SELECT 'function ' || name, regexp_replace(pg_get_functiondef(oid), '\s+', ' ', 'g') FROM functions
UNION ALL SELECT 'type ' || enumtypid::regtype, string_agg(enumlabel, ', ' ORDER BY enumsortorder)
FROM pg_enum GROUP BY enumtypid
UNION ALL SELECT 'extension ' || extname, extversion FROM pg_extension
UNION ALL SELECT concat_ws(' ', 'grant on', object, 'to', coalesce(rolname, 'everybody')),
    string_agg(privilege_type || CASE WHEN is_grantable THEN ' and may pass it on' ELSE '' END, ', '
        ORDER BY privilege_type)
FROM grants CROSS JOIN aclexplode(entries) LEFT JOIN pg_roles ON pg_roles.oid = grantee
WHERE grantee <> owner GROUP BY object, rolname
"""


def read(url: str) -> list[str]:
    """One line an object."""
    with connection(url) as owner:
        return sorted(f"{name}: {definition}" for name, definition in owner.execute(QUERY))


def golden() -> list[str]:
    return GOLDEN.read_text(encoding="utf-8").splitlines()


def write_golden() -> None:
    with embedded.throwaway() as server, new_database(server.url("postgres")) as url:
        with application(url).app_context():
            flask_migrate.upgrade()
            db.engine.dispose()
        GOLDEN.write_text("\n".join(read(url)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_golden()

"""The store's tables, for SQLite and PostgreSQL alike."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

# Raised whenever a table changes, so that an older program does not misread a newer store.
FORMAT_VERSION: Final = 1

metadata: Final = MetaData()

store_format: Final = Table(
    "tinyml_store",
    metadata,
    Column("version", Integer, primary_key=True),
)

# One row a boot of a node, in the order in which the store heard of them.
boots: Final = Table(
    "boots",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("device_id", Text, nullable=False),
    Column("boot_id", BigInteger, nullable=False),
    Column("duplicates", BigInteger, nullable=False),  # records that arrived again
    Index("boots_unique", "device_id", "boot_id", unique=True),
)

records: Final = Table(
    "records",
    metadata,
    Column("device_id", Text, primary_key=True),
    Column("boot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("log_id", BigInteger),  # the node's log that counted `sequence`; NULL where unknown
    Column("monotonic_ms", BigInteger, nullable=False),
    Column("wall_time", Float),  # as the node said; NULL where it did not know
    Column("model_hash", Text, nullable=False),
    Column("tag", BigInteger),
    Column("output", Text, nullable=False),  # JSON list of integers
    Column("inference_us", BigInteger, nullable=False),
    ForeignKeyConstraint(["device_id", "boot_id"], ["boots.device_id", "boots.boot_id"]),
    Index("records_by_log", "device_id", "log_id", "sequence"),
)

# What the channels of records' windows were, of nodes that say so. Added as `simulated_boots` was.
inputs: Final = Table(
    "inputs",
    metadata,
    Column("device_id", Text, primary_key=True),
    Column("boot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("counts", Text, nullable=False),  # JSON list: least, mean, greatest of each channel
)

# What nodes' logs hold besides records, numbered in the same row. Added as `simulated_boots` was.
events: Final = Table(
    "events",
    metadata,
    Column("device_id", Text, primary_key=True),
    Column("boot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("log_id", BigInteger),
    Column("monotonic_ms", BigInteger, nullable=False),
    Column("wall_time", Float),
    Column("kind", Integer, nullable=False),  # tinyml.device.EventKind
    Column("values", Text, nullable=False),  # JSON list of integers
    Column("data", Text, nullable=False),  # hex digits
    ForeignKeyConstraint(["device_id", "boot_id"], ["boots.device_id", "boots.boot_id"]),
    Index("events_by_log", "device_id", "log_id", "sequence"),
)

# Boots whose node said that no sensor measures its samples. Stores from before there was this table
# lack it, and programs from then do not look for it.
simulated_boots: Final = Table(
    "simulated_boots",
    metadata,
    Column("device_id", Text, primary_key=True),
    Column("boot_id", BigInteger, primary_key=True, autoincrement=False),
)

# What is known of the models whose results the records are. Added as `simulated_boots` was.
models: Final = Table(
    "models",
    metadata,
    Column("model_hash", Text, primary_key=True),
    Column("description", Text, nullable=False),  # JSON object
)

# Moments at which the host saw a node's monotonic clock beside its own.
clock_marks: Final = Table(
    "clock_marks",
    metadata,
    Column("device_id", Text, primary_key=True),
    Column("boot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("monotonic_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("wall_time", Float, nullable=False),  # seconds since 1970 by the host's clock
)

runs: Final = Table(
    "runs",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("run_id", Text, nullable=False, unique=True),
    Column("document", Text, nullable=False),  # JSON object
)

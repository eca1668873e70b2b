-- What the topics hold, a table for each kind of record. Rows are those of the topics, one to one; topic_partition and
-- topic_offset say which record a row came from. Tables are ReplacingMergeTree on what names a thing in the world (a flight
-- at a horizon, a window, a decision), so that even a batch that came twice counts once in a query with FINAL.
--
-- Never change this text: write a new migration.

-- Which offsets make up a batch, written before the batch: repeating one means repeating these very bounds.
CREATE TABLE IF NOT EXISTS sink_batches
(
  topic LowCardinality(String),
  partition UInt32,
  from_offset UInt64,
  to_offset UInt64,
  records UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, partition, from_offset)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- flights.predictions: how likely a flight is to arrive 15 minutes late or more.
CREATE TABLE IF NOT EXISTS predictions
(
  flight_id String,
  horizon_minutes Int32,
  at DateTime64(3, 'UTC'),
  due_at DateTime64(3, 'UTC'),
  carrier LowCardinality(String),
  flight_number Int32,
  origin LowCardinality(String),
  destination LowCardinality(String),
  scheduled_departure_at DateTime64(3, 'UTC'),
  probability Float64,
  late Bool,
  low Float64,
  high Float64,
  model LowCardinality(String),
  model_hash LowCardinality(String),
  frame_to Nullable(DateTime64(3, 'UTC')),
  topic_partition UInt32,
  topic_offset UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (at, flight_id, horizon_minutes)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- flights.predictions: why a flight was not predicted at a horizon.
CREATE TABLE IF NOT EXISTS skipped
(
  flight_id String,
  horizon_minutes Int32,
  at DateTime64(3, 'UTC'),
  due_at DateTime64(3, 'UTC'),
  carrier LowCardinality(String),
  flight_number Int32,
  origin LowCardinality(String),
  destination LowCardinality(String),
  scheduled_departure_at DateTime64(3, 'UTC'),
  reason LowCardinality(String),
  topic_partition UInt32,
  topic_offset UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (at, flight_id, horizon_minutes)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- flights.outcomes: how a flight ended.
CREATE TABLE IF NOT EXISTS outcomes
(
  flight_id String,
  number Int64,
  at DateTime64(3, 'UTC'),
  kind LowCardinality(String),
  carrier LowCardinality(String),
  flight_number Int32,
  origin LowCardinality(String),
  destination LowCardinality(String),
  scheduled_departure_at DateTime64(3, 'UTC'),
  departure_at DateTime64(3, 'UTC'),
  arrival_at DateTime64(3, 'UTC'),
  departed_at Nullable(DateTime64(3, 'UTC')),
  arrived_at Nullable(DateTime64(3, 'UTC')),
  arrival_delay_minutes Nullable(Int32),
  label Nullable(Bool),
  feature_set LowCardinality(String),
  horizons UInt32,
  topic_partition UInt32,
  topic_offset UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (at, flight_id)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- flights.outcomes, a row for each horizon: the features in the order of the feature table (a number counts resolutions
-- and stands in numbers, a category in categories, at the same place), and what every model in force said, the champion first.
CREATE TABLE IF NOT EXISTS outcome_rows
(
  flight_id String,
  horizon_minutes Int32,
  at DateTime64(3, 'UTC'),
  due_at DateTime64(3, 'UTC'),
  frame_to Nullable(DateTime64(3, 'UTC')),
  skipped LowCardinality(Nullable(String)),
  label Nullable(Bool),
  feature_set LowCardinality(String),
  numbers Array(Nullable(Int32)),
  categories Array(Nullable(String)),
  models Array(LowCardinality(String)),
  hashes Array(LowCardinality(String)),
  probabilities Array(Float64),
  topic_partition UInt32,
  topic_offset UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (at, flight_id, horizon_minutes)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- drift.metrics: a closed window against the reference of the model in force.
CREATE TABLE IF NOT EXISTS drift_windows
(
  window_from DateTime64(3, 'UTC'),
  window_to DateTime64(3, 'UTC'),
  span LowCardinality(String),
  model LowCardinality(Nullable(String)),
  model_hash LowCardinality(Nullable(String)),
  rows UInt64,
  labelled UInt64,
  late UInt64,
  columns_compared UInt32,
  columns_drifted UInt32,
  drifted_share Nullable(Float64),
  unusual_share Nullable(Float64),
  dataset_drift Nullable(Bool),
  topic_partition UInt32,
  topic_offset UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (window_to, span, window_from)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- drift.metrics, a row for each column of a window; role is FEATURE, TARGET or PREDICTION.
CREATE TABLE IF NOT EXISTS drift_metrics
(
  window_from DateTime64(3, 'UTC'),
  window_to DateTime64(3, 'UTC'),
  span LowCardinality(String),
  role LowCardinality(String),
  column_name LowCardinality(String),
  method LowCardinality(String),
  score Nullable(Float64),
  threshold Float64,
  drifted Nullable(Bool),
  bound Nullable(Float64),
  unusual Nullable(Bool),
  may_alert Bool,
  reference_count UInt64,
  current_count UInt64,
  missing UInt64,
  unseen UInt64,
  topic_partition UInt32,
  topic_offset UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (window_to, span, window_from, role, column_name)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- drift.metrics, a row for each metric of a model in a window.
CREATE TABLE IF NOT EXISTS performance
(
  window_from DateTime64(3, 'UTC'),
  window_to DateTime64(3, 'UTC'),
  span LowCardinality(String),
  model LowCardinality(String),
  metric LowCardinality(String),
  value Nullable(Float64),
  count UInt64,
  topic_partition UInt32,
  topic_offset UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (window_to, span, window_from, model, metric)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- drift.metrics: alerts, a row when one opens and one when it is resolved.
CREATE TABLE IF NOT EXISTS alerts
(
  id String,
  event LowCardinality(String),
  at DateTime64(3, 'UTC'),
  kind LowCardinality(String),
  model Nullable(String),
  since Nullable(DateTime64(3, 'UTC')),
  opened_at DateTime64(3, 'UTC'),
  columns Array(String),
  message String,
  evidence Nullable(String),
  topic_partition UInt32,
  topic_offset UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (id, event)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- drift.metrics: champion against challenger over whole days.
CREATE TABLE IF NOT EXISTS shadow_tests
(
  at DateTime64(3, 'UTC'),
  champion LowCardinality(String),
  challenger LowCardinality(String),
  days Int32,
  rows UInt64,
  mean_difference Nullable(Float64),
  standard_error Nullable(Float64),
  statistic Nullable(Float64),
  bound Nullable(Float64),
  power Nullable(Float64),
  verdict LowCardinality(String),
  because String,
  topic_partition UInt32,
  topic_offset UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (at, challenger, champion)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- models.registry: what was decided, by whom, on what evidence, and who is in force from when.
CREATE TABLE IF NOT EXISTS decisions
(
  id String,
  at DateTime64(3, 'UTC'),
  by LowCardinality(String),
  verb LowCardinality(String),
  version String,
  accepted Bool,
  because String,
  evidence Nullable(String),
  effective_from DateTime64(3, 'UTC'),
  champion Nullable(String),
  champion_hash Nullable(String),
  challengers Array(String),
  topic_partition UInt32,
  topic_offset UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (at, id)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- models.registry: versions and where they come from; parameters and metrics are JSON.
CREATE TABLE IF NOT EXISTS model_versions
(
  version String,
  artefact String,
  hash String,
  feature_set String,
  trained_from Nullable(DateTime64(3, 'UTC')),
  trained_to Nullable(DateTime64(3, 'UTC')),
  rows UInt64,
  why String,
  parent Nullable(String),
  parameters String,
  metrics String,
  topic_partition UInt32,
  topic_offset UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (version)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- models.registry: who held a name, from when.
CREATE TABLE IF NOT EXISTS model_aliases
(
  alias LowCardinality(String),
  version Nullable(String),
  hash Nullable(String),
  effective_from DateTime64(3, 'UTC'),
  topic_partition UInt32,
  topic_offset UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (effective_from, alias, topic_offset)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

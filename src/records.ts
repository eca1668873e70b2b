// Types of the records in the topics, printed from schemas/*.avsc by `npm run records`. Do not edit.

/** An aircraft was assigned to a flight, as far as known before departure. */
export type AircraftAssigned = {
  /** Any stable string chosen when the flight is first scheduled; the key. */
  flightId: string
  /** When this could be known, apart from when it happened. */
  at: number
  /** A later revision of the same event (flight, type, at) wins while it is held. */
  revision: number
  /** Tail number of the aircraft. */
  tail: string
  /** Year of manufacture. */
  builtYear: number | null
  /** Number of seats. */
  seats: number | null
}

/** A model by name and content. */
export type ModelRef = {
  version: string
  /** SHA-256 of the artefact. */
  hash: string
  /** Added to the log odds of its probabilities: at 10, 30 and 60 %, ten-thousandths of a nat. Empty: nothing. */
  correction: number[]
}

/** Counts of one origin, destination and carrier. */
export type Cell = {
  origin: string
  destination: string
  carrier: string
  scheduled: number
  departed: number
  /** Sum; early is negative. */
  departureDelayMinutes: number
  /** 15 minutes late or more. */
  departedLate: number
  arrived: number
  arrivalDelayMinutes: number
  /** 15 minutes late or more. */
  arrivedLate: number
  cancelled: number
  diverted: number
  /** Sum of arrival delay less departure delay of the landings whose departure was seen: lost on the way; made up is negative. */
  enRouteMinutes: number
}

/** Changes of the plan of one route and carrier, by 10-minute slot. */
export type Plan = {
  origin: string
  destination: string
  carrier: string
  /** Start of the 10 minutes of the planned departure. */
  departureSlotAt: number
  /** Start of the 10 minutes of the planned arrival. */
  arrivalSlotAt: number
  /** Flights planned, as a change. */
  planned: number
  /** Flights planned, neither departed nor cancelled, as a change. */
  open: number
}

/** The last that was seen of an aircraft; latest by (at, flightId). */
export type Leg = {
  tail: string
  /** Claimed. */
  at: number
  flightId: string
  origin: string
  destination: string
  departedAt: number
  departureDelayMinutes: number
  /** Planned. */
  arrivalAt: number
  arrivedAt: number | null
  arrivalDelayMinutes: number | null
}

/** One flown day of a flight number. */
export type NumberRun = {
  carrier: string
  flightNumber: number
  origin: string
  /** Claimed arrival. */
  at: number
  flightId: string
  departureDelayMinutes: number
  arrivalDelayMinutes: number
}

/** An observation in whole tenths (precipitation: hundredths) of the event's units. */
export type WeatherReading = {
  observedAt: number
  temperatureFahrenheit: number | null
  dewPointFahrenheit: number | null
  humidityPercent: number | null
  windDirectionDegrees: number | null
  windMilesPerHour: number | null
  gustMilesPerHour: number | null
  precipitationInches: number | null
  pressureMillibars: number | null
  visibilityMiles: number | null
}

/** The weather last observed at a station; latest by (at, station). */
export type StationWeather = {
  station: string
  /** Claimed. */
  at: number
  reading: WeatherReading
}

/** What all partitions saw in one window, and the models and pipeline in force from here on. */
export type AirspaceFrame = {
  from: number
  to: number
  /** Version of the pipeline. */
  pipeline: string
  champion: ModelRef | null
  challengers: ModelRef[]
  /** Partitions closed by an operator's record, not waited for. */
  missing: number[]
  cells: Cell[]
  plans: Plan[]
  legs: Leg[]
  runs: NumberRun[]
  weather: StationWeather[]
}

/** What one partition saw in one window. */
export type AirspacePartial = {
  from: number
  to: number
  partition: number
  cells: Cell[]
  plans: Plan[]
  legs: Leg[]
  runs: NumberRun[]
  weather: StationWeather[]
}

export type AlertKind = 'DATASET_DRIFT' | 'TARGET_DRIFT' | 'PREDICTION_DRIFT' | 'PERFORMANCE'

/** A sustained shift. */
export type AlertOpened = {
  id: string
  at: number
  kind: AlertKind
  model: string | null
  /** End of the first window of the shift. */
  since: number
  /** What drifted, the most first. */
  columns: string[]
  message: string
  /** JSON. */
  evidence: string
}

/** A shift that ended. */
export type AlertResolved = {
  id: string
  at: number
  kind: AlertKind
  openedAt: number
  message: string
}

/** Length of the window: an hour without columns, the trailing 24 hours each hour, the trailing 7 days each UTC day. */
export type DriftSpan = 'HOUR' | 'DAY' | 'WEEK'

/** Drift of one column. */
export type ColumnMetric = {
  column: string
  method: string
  score: number | null
  threshold: number
  /** null: not enough rows. */
  drifted: boolean | null
  /** The score up to which a day was ordinary in the training of the model; null: not known, or the window is no day. */
  bound: number | null
  /** Whether the score lies above the bound. */
  unusual: boolean | null
  mayAlert: boolean
  /** Rows compared, missing values left out. */
  referenceCount: number
  currentCount: number
  /** Current rows without a value. */
  missing: number
  /** Current rows of a category that the reference does not have. */
  unseen: number
}

/** A metric of one model's performance. */
export type NamedMetric = {
  model: string
  name: string
  value: number | null
  count: number
}

/** Final metrics of a closed window, against the reference of the model in force. */
export type DriftMetrics = {
  from: number
  to: number
  span: DriftSpan
  /** The champion of most rows; null: no model was in force. */
  model: string | null
  modelHash: string | null
  rows: number
  labelled: number
  late: number
  columns: ColumnMetric[]
  /** Columns that may alert and have enough rows. */
  columnsCompared: number
  /** Those of them that drifted. */
  columnsDrifted: number
  driftedShare: number | null
  datasetDrift: boolean | null
  /** Of the columns that may alert and have a bound, those beyond it. */
  unusualShare: number | null
  target: ColumnMetric | null
  prediction: ColumnMetric | null
  performance: NamedMetric[]
}

/** Counts per value at the feature's resolution, by ascending value. */
export type ColumnSketch = {
  missing: number
  /** Of a numeric column. */
  values: number[]
  /** Of a categorical column. */
  categories: string[]
  /** One for each value or category. */
  counts: number[]
}

/** The sketches of all columns, one behind the other in the order of the feature table: rows per value at the feature's resolution. Without rows all of it is empty. */
export type ColumnSketches = {
  /** By column: rows without a value. */
  missing: number[]
  /** By column: how many values or categories it has. */
  distinct: number[]
  /** Of the numeric columns, ascending in each. */
  values: number[]
  /** Rows of each value, 1 or more. */
  valueCounts: number[]
  /** Of the categorical columns, ascending in each. */
  categories: string[]
  /** Rows of each category, 1 or more. */
  categoryCounts: number[]
}

/** Rows for which a model was the champion. */
export type ChampionCount = {
  version: string
  hash: string
  count: number
}

/** Rows by what one model said of them at one horizon, in ten-thousandths: champion or challenger. */
export type ModelScores = {
  model: string
  late: ColumnSketch
  punctual: ColumnSketch
  /** Of flights that did not arrive. */
  unlabelled: ColumnSketch
  /** null: of all horizons, as it was before each was counted apart. */
  horizonMinutes: number | null
}

/** Champion against challenger on the same labelled rows: sums of log losses in whole ten-thousandths of a nat. */
export type PairedLoss = {
  champion: string
  challenger: string
  count: number
  championLoss: number
  challengerLoss: number
}

/** What one partition saw in one hour of event time, by the instant at which flights were over. */
export type DriftPartial = {
  from: number
  to: number
  partition: number
  /** Running number of the last outcome. */
  reached: number
  /** Hash of the feature table of the columns; null without rows. */
  featureSet: string | null
  /** One for each horizon of a flight. */
  rows: number
  /** Of flights that arrived. */
  labelled: number
  /** Of those, 15 minutes late or more. */
  late: number
  /** As it was before `sketches`, in the order of the feature table; empty since. */
  columns: ColumnSketch[]
  sketches: ColumnSketches
  champions: ChampionCount[]
  scores: ModelScores[]
  pairs: PairedLoss[]
}

/** A flight reached the gate of its destination. */
export type FlightArrived = {
  /** Any stable string chosen when the flight is first scheduled; the key. */
  flightId: string
  /** When this could be known, apart from when it happened. */
  at: number
  /** A later revision of the same event (flight, type, at) wins while it is held. */
  revision: number
  /** Actual arrival at the gate. */
  arrivedAt: number
}

/** A flight will not be flown. Departure, arrival or a reschedule reinstates it. */
export type FlightCancelled = {
  /** Any stable string chosen when the flight is first scheduled; the key. */
  flightId: string
  /** When this could be known, apart from when it happened. */
  at: number
  /** A later revision of the same event (flight, type, at) wins while it is held. */
  revision: number
  /** carrier, weather, airspace, security or the producer's own word. */
  reason: string | null
}

/** A flight left the gate. */
export type FlightDeparted = {
  /** Any stable string chosen when the flight is first scheduled; the key. */
  flightId: string
  /** When this could be known, apart from when it happened. */
  at: number
  /** A later revision of the same event (flight, type, at) wins while it is held. */
  revision: number
  /** Actual departure from the gate. */
  departedAt: number
  /** Tail number of the aircraft that flew. */
  tail: string | null
}

/** A flight landed elsewhere. It does not settle the flight. */
export type FlightDiverted = {
  /** Any stable string chosen when the flight is first scheduled; the key. */
  flightId: string
  /** When this could be known, apart from when it happened. */
  at: number
  /** A later revision of the same event (flight, type, at) wins while it is held. */
  revision: number
  /** IATA code, where it is known. */
  divertedTo: string | null
}

export type OutcomeKind = 'LANDED' | 'CANCELLED' | 'GIVEN_UP'

/** What one model in force said. */
export type ModelOutput = {
  model: string
  /** SHA-256 of the artefact. */
  hash: string
  /** Ten-thousandths. */
  probability: number
}

/** One horizon of a flight: features as the scorer saw them, outputs as it gave them; the champion first. */
export type OutcomeRow = {
  horizonMinutes: number
  dueAt: number
  frameTo: number | null
  /** NO_MODEL: features without an output. */
  skipped: string | null
  /** In the order of the feature table; numbers count resolutions. */
  features: (number | string | null)[]
  outputs: ModelOutput[]
}

/** A flight is over: features once, the outputs of every model in force, the label. */
export type FlightOutcome = {
  flightId: string
  /** Running number in this partition, from 1. */
  number: number
  /** When it closed, in event time. */
  at: number
  kind: OutcomeKind
  carrier: string
  flightNumber: number
  origin: string
  destination: string
  /** First planned. */
  scheduledDepartureAt: number
  /** Planned last. */
  departureAt: number
  /** Planned last. */
  arrivalAt: number
  departedAt: number | null
  arrivedAt: number | null
  arrivalDelayMinutes: number | null
  /** Arrived 15 minutes late or more; null if it did not arrive. */
  label: boolean | null
  /** Hash of the feature table. */
  featureSet: string
  rows: OutcomeRow[]
}

/** The plan of a flight moved before it left; its id stays. */
export type FlightRescheduled = {
  /** Any stable string chosen when the flight is first scheduled; the key. */
  flightId: string
  /** When this could be known, apart from when it happened. */
  at: number
  /** A later revision of the same event (flight, type, at) wins while it is held. */
  revision: number
  /** The new planned departure. */
  scheduledDepartureAt: number
  /** The new planned arrival. */
  scheduledArrivalAt: number
}

/** A flight entered the schedule. */
export type FlightScheduled = {
  /** Any stable string chosen when the flight is first scheduled; the key. */
  flightId: string
  /** When this could be known, apart from when it happened. */
  at: number
  /** A later revision of the same event (flight, type, at) wins while it is held. */
  revision: number
  /** IATA code of the reporting carrier. */
  carrier: string
  /** The carrier's number of the flight. */
  flightNumber: number
  /** IATA code of the airport of departure. */
  origin: string
  /** IATA code of the airport of arrival. */
  destination: string
  /** Planned departure from the gate. */
  scheduledDepartureAt: number
  /** Planned arrival at the gate. */
  scheduledArrivalAt: number
  /** Great-circle distance, statute miles. */
  distanceMiles: number | null
}

/** Event time advances: everything known before (at - lateness) is in this partition. The same in every partition. */
export type Mark = {
  /** The mark. */
  at: number
}

/** Who holds a name. */
export type ModelAlias = {
  /** champion or challenger/<version> */
  alias: string
  version: string | null
  hash: string | null
  effectiveFrom: number
}

/** In the order in which commands of a step are applied. */
export type CommandedBy = 'JUDGE' | 'TRAINER' | 'OPERATOR'

export type CommandVerb = 'REGISTER' | 'PROMOTE' | 'REJECT' | 'ROLL_BACK' | 'DECLINE' | 'RECALIBRATE'

/** Where a model comes from. */
export type ModelCard = {
  /** Address on the blobs port. */
  artefact: string
  hash: string
  featureSet: string
  trainedFrom: number | null
  trainedTo: number | null
  rows: number
  why: string
  parent: string | null
  /** Canonical JSON. */
  parameters: string
  /** Canonical JSON. */
  metrics: string
}

/** What somebody asks of the registry. */
export type ModelCommand = {
  /** A repeated id changes nothing. */
  id: string
  by: CommandedBy
  /** Event time of the cut or of the order. */
  hour: number
  verb: CommandVerb
  version: string
  /** Compare and set; null: no champion expected. */
  expectedChampion: string | null
  /** Whether expectedChampion is checked. */
  compare: boolean
  /** An operator's own instant; null: the end of the step. */
  effectiveFrom: number | null
  reason: string
  /** JSON. */
  evidence: string | null
  /** With REGISTER. */
  card: ModelCard | null
  /** With RECALIBRATE: that of the champion from then on. */
  correction: number[]
}

/** What was decided, by whom, on what evidence, and who is in force from when. */
export type ModelDecision = {
  id: string
  at: number
  by: CommandedBy
  verb: CommandVerb
  version: string
  accepted: boolean
  because: string
  evidence: string | null
  effectiveFrom: number
  champion: ModelRef | null
  challengers: ModelRef[]
}

/** An immutable version. */
export type ModelVersion = {
  version: string
  card: ModelCard
}

/** How likely a flight is to arrive 15 minutes late or more. */
export type Prediction = {
  flightId: string
  /** Minutes before the planned departure. */
  horizonMinutes: number
  /** When it was said, in event time. */
  at: number
  dueAt: number
  carrier: string
  flightNumber: number
  origin: string
  destination: string
  scheduledDepartureAt: number
  /** Ten-thousandths. */
  probability: number
  /** The decision: probability at or above the model's threshold. */
  late: boolean
  /** Lower end of the interval, ten-thousandths. */
  low: number
  /** Upper end. */
  high: number
  /** Version of the champion. */
  model: string
  modelHash: string
  /** End of the last frame used. */
  frameTo: number | null
}

/** Which ends of a flight a probability leaves open, at nine in ten: predictions at the horizon that are due from `effectiveFrom` on, until the next of these. */
export type PredictionSets = {
  /** End of the UTC day it follows from. */
  at: number
  effectiveFrom: number
  /** Version of the champion whose rows it follows from. */
  model: string
  /** Late belongs to the set from this probability on, ten-thousandths. */
  lateFrom: number
  /** On time belongs to the set up to this probability, ten-thousandths. */
  punctualTo: number
  /** Miss rate that late flights aim at, 0..1. */
  lateLevel: number
  /** Miss rate that punctual flights aim at, 0..1. */
  punctualLevel: number
  /** Late rows of the day. */
  lateRows: number
  /** Of which the set in force until now misses so many. */
  lateMissed: number
  /** Punctual rows of the day. */
  punctualRows: number
  /** Of which the set in force until now misses so many. */
  punctualMissed: number
  /** null: all horizons, as it was before each had bounds of its own. */
  horizonMinutes: number | null
}

export type SkipReason = 'DEPARTED' | 'CANCELLED' | 'KNOWN_AFTER' | 'SETTLED' | 'NO_MODEL'

/** Why a flight was not predicted at a horizon. */
export type PredictionSkipped = {
  flightId: string
  /** Minutes before the planned departure. */
  horizonMinutes: number
  /** When it was said, in event time. */
  at: number
  dueAt: number
  carrier: string
  flightNumber: number
  origin: string
  destination: string
  scheduledDepartureAt: number
  reason: SkipReason
}

/** A dead letter: what came in, why it was refused, and what to look at. */
export type Rejected = {
  /** Where it came from. */
  topic: string
  /** A code of docs/failures.md. */
  reason: string
  /** The failing field. */
  field: string | null
  message: string
  /** The watermark when it was refused. */
  at: number
  /** The original bytes. */
  value: Uint8Array
}

export type RequestedBy = 'DRIFT' | 'PERFORMANCE' | 'SCHEDULE' | 'OPERATOR'

/** Train on the outcomes up to the cut. */
export type RetrainRequest = {
  /** Also the version of the model that answers. */
  id: string
  at: number
  /** From when the answer may be in force; the request counts as open until then. */
  effectiveFrom: number
  by: RequestedBy
  /** As a sentence. */
  why: string
  /** Id of the alert that asks. */
  alert: string | null
  /** The model to be bettered. */
  champion: string | null
  /** Running number reached in each partition. */
  cut: number[]
}

export type ShadowVerdict = 'WAIT' | 'PROMOTE' | 'REJECT'

/** Champion against challenger over whole UTC days, at the end of one. */
export type ShadowTested = {
  at: number
  champion: string
  challenger: string
  days: number
  rows: number
  /** Champion's log loss less the challenger's, nats a row, mean over days. */
  meanDifference: number | null
  standardError: number | null
  statistic: number | null
  /** What the statistic has to reach at this look; null: no look on this day. */
  bound: number | null
  /** Chance to see the smallest difference that matters by the last look. */
  power: number | null
  verdict: ShadowVerdict
  because: string
}

/** The publisher has ended a step of a replay: held commands are applied in order. */
export type StepEnded = {
  at: number
}

/** In the order of rank at one instant. */
export type EventType =
  | 'FlightScheduled'
  | 'FlightRescheduled'
  | 'AircraftAssigned'
  | 'FlightCancelled'
  | 'FlightDeparted'
  | 'FlightDiverted'
  | 'FlightArrived'
  | 'WeatherObserved'

/** What is known of the flight once this entry is applied, and what this entry changed. */
export type FlightFacts = {
  carrier: string
  flightNumber: number
  origin: string
  destination: string
  distanceMiles: number | null
  /** When the flight entered the timeline. */
  scheduledAt: number
  /** The departure first planned. */
  firstDepartureAt: number
  /** The departure planned now. */
  departureAt: number
  /** The arrival planned now. */
  arrivalAt: number
  /** The departure planned before this entry. */
  previousDepartureAt: number
  /** The arrival planned before this entry. */
  previousArrivalAt: number
  /** Cancelled before this entry. */
  wasCancelled: boolean
  /** Departed before this entry. */
  wasDeparted: boolean
  departedAt: number | null
  /** The aircraft assigned or flown, as far as known. */
  tail: string | null
}

/** An accepted event, in the order of the timeline: (at, type, id, hash). */
export type TimelineEntry = {
  /** When it entered: its own at, or the watermark if it came late. */
  at: number
  /** The at that the event claimed; earlier than at for a late one. */
  claimedAt: number
  type: EventType
  /** Flight id, or station. */
  id: string
  revision: number
  /** 16 hexadecimal digits over the event's content. */
  hash: string
  flight: FlightFacts | null
  departedAt: number | null
  arrivedAt: number | null
  tail: string | null
  builtYear: number | null
  seats: number | null
  reason: string | null
  divertedTo: string | null
  weather: WeatherReading | null
}

/** Nothing that follows in this partition was known before this. */
export type Watermark = {
  at: number
}

/** A station's observation. */
export type WeatherObserved = {
  /** IATA code of the airport; the key. */
  station: string
  /** When this could be known, apart from when it happened. */
  at: number
  /** A later revision of the same event (flight, type, at) wins while it is held. */
  revision: number
  /** The hour observed. */
  observedAt: number
  /** Air temperature. */
  temperatureFahrenheit: number | null
  /** Dew point. */
  dewPointFahrenheit: number | null
  /** Relative humidity, 0 to 100. */
  humidityPercent: number | null
  /** Where the wind comes from, 0 to 360. */
  windDirectionDegrees: number | null
  /** Wind speed. */
  windMilesPerHour: number | null
  /** Gust speed. */
  gustMilesPerHour: number | null
  /** Precipitation of the last hour. */
  precipitationInches: number | null
  /** Pressure at sea level. */
  pressureMillibars: number | null
  /** Visibility. */
  visibilityMiles: number | null
}

/** Every record that has a schema of its own, by name. */
export type Records = {
  AircraftAssigned: AircraftAssigned
  AirspaceFrame: AirspaceFrame
  AirspacePartial: AirspacePartial
  AlertOpened: AlertOpened
  AlertResolved: AlertResolved
  DriftMetrics: DriftMetrics
  DriftPartial: DriftPartial
  FlightArrived: FlightArrived
  FlightCancelled: FlightCancelled
  FlightDeparted: FlightDeparted
  FlightDiverted: FlightDiverted
  FlightOutcome: FlightOutcome
  FlightRescheduled: FlightRescheduled
  FlightScheduled: FlightScheduled
  Mark: Mark
  ModelAlias: ModelAlias
  ModelCommand: ModelCommand
  ModelDecision: ModelDecision
  ModelVersion: ModelVersion
  Prediction: Prediction
  PredictionSets: PredictionSets
  PredictionSkipped: PredictionSkipped
  Rejected: Rejected
  RetrainRequest: RetrainRequest
  ShadowTested: ShadowTested
  StepEnded: StepEnded
  TimelineEntry: TimelineEntry
  Watermark: Watermark
  WeatherObserved: WeatherObserved
}

export type RecordName = keyof Records

/** From when on a field of an event can be known. */
export const knowable = {
  AircraftAssigned: {
    flightId: 'before-departure',
    at: 'before-departure',
    revision: 'before-departure',
    tail: 'before-departure',
    builtYear: 'before-departure',
    seats: 'before-departure',
  },
  FlightArrived: {
    flightId: 'after-departure',
    at: 'after-departure',
    revision: 'after-departure',
    arrivedAt: 'after-departure',
  },
  FlightCancelled: {
    flightId: 'before-departure',
    at: 'before-departure',
    revision: 'before-departure',
    reason: 'before-departure',
  },
  FlightDeparted: {
    flightId: 'after-departure',
    at: 'after-departure',
    revision: 'after-departure',
    departedAt: 'after-departure',
    tail: 'after-departure',
  },
  FlightDiverted: {
    flightId: 'after-departure',
    at: 'after-departure',
    revision: 'after-departure',
    divertedTo: 'after-departure',
  },
  FlightRescheduled: {
    flightId: 'before-departure',
    at: 'before-departure',
    revision: 'before-departure',
    scheduledDepartureAt: 'before-departure',
    scheduledArrivalAt: 'before-departure',
  },
  FlightScheduled: {
    flightId: 'schedule',
    at: 'schedule',
    revision: 'schedule',
    carrier: 'schedule',
    flightNumber: 'schedule',
    origin: 'schedule',
    destination: 'schedule',
    scheduledDepartureAt: 'schedule',
    scheduledArrivalAt: 'schedule',
    distanceMiles: 'schedule',
  },
  WeatherObserved: {
    station: 'before-departure',
    at: 'before-departure',
    revision: 'before-departure',
    observedAt: 'before-departure',
    temperatureFahrenheit: 'before-departure',
    dewPointFahrenheit: 'before-departure',
    humidityPercent: 'before-departure',
    windDirectionDegrees: 'before-departure',
    windMilesPerHour: 'before-departure',
    gustMilesPerHour: 'before-departure',
    precipitationInches: 'before-departure',
    pressureMillibars: 'before-departure',
    visibilityMiles: 'before-departure',
  },
} as const

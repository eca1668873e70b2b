// The schemas port and the codec port: what a record's bytes mean. Bytes on every engine are the Confluent wire
// format: 0, the schema's id as 4 bytes big endian, the Avro body. An id belongs to one log or registry; what names a
// schema everywhere is its fingerprint.

export interface Schemas {
  /**
   * Registers a schema under a subject (RecordNameStrategy: the record's full name) or finds it; idempotent.
   * @throws Failure SCHEMA_INCOMPATIBLE when the subject's last schema cannot be read with this one (BACKWARD)
   */
  register(subject: string, schema: string): Promise<number>
  /**
   * The ids that a subject's schemas have here, among them that of `schema` if it is registered; nothing is changed.
   * Where a subject's earlier schemas are not known without asking for each, those are left out.
   */
  idsOf(subject: string, schema: string): Promise<readonly number[]>
  /** The schema of an id. @throws Failure SCHEMA_UNKNOWN */
  byId(id: number): Promise<string>
}

/** A decoded record, or why it could not be decoded. */
export type Decoded = { readonly name: string; readonly value: unknown }

export interface Codec {
  /** Encodes by record name, wire format. @throws Failure FIELD_TYPE with `field` when the value does not fit. */
  encode(name: string, value: unknown): Uint8Array
  /** @throws Failure FLIGHT_MALFORMED, SCHEMA_UNKNOWN */
  decode(bytes: Uint8Array): Decoded
  /** SHA-256 fingerprint of the canonical schema that wire bytes name, hexadecimal. @throws Failure SCHEMA_UNKNOWN */
  fingerprint(bytes: Uint8Array): string
  /** Looks up ids that `decode` met and did not know; call again afterwards. @returns whether any is known now */
  learn(): Promise<boolean>
  /** Refuses values that do not fit a record's schema. @throws Failure FIELD_MISSING, FIELD_TYPE with the field's path */
  check(name: string, value: unknown): void
}

/** Bytes before the Avro body. */
export const wireHeaderBytes = 5

// Prints src/records.ts from schemas/*.avsc: one TypeScript type a record or enum, names as in Avro.
// Instants (timestamp-millis) and longs are numbers (safe up to 2^53), bytes are Uint8Array.

type Field = { name: string; type: unknown; doc?: string; knowable?: string; default?: unknown }
type Named = { type: string; name: string; doc?: string; fields?: Field[]; symbols?: string[] }

const lineWidth = 120

const primitives: Record<string, string> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  bytes: 'Uint8Array',
  string: 'string',
}

/** @returns the text of src/records.ts for these schemas, given in the order of their names. */
export function recordsSource(schemas: readonly unknown[]): string {
  const seen = new Map<string, string>()
  for (const schema of schemas) typeOf(schema, seen)
  const names = (schemas as Named[]).map(schema => schema.name)
  const knowable = (schemas as Named[]).filter(schema => schema.fields?.some(field => field.knowable))
  return [
    '// Types of the records in the topics, printed from schemas/*.avsc by `npm run records`. Do not edit.',
    '',
    ...[...seen.values()].flatMap(text => [text, '']),
    '/** Every record that has a schema of its own, by name. */',
    'export type Records = {',
    ...names.map(name => `  ${name}: ${name}`),
    '}',
    '',
    'export type RecordName = keyof Records',
    '',
    '/** From when on a field of an event can be known. */',
    'export const knowable = {',
    ...knowable.flatMap(schema => {
      const fields = (schema.fields ?? []).filter(field => field.knowable)
      return [`  ${schema.name}: {`, ...fields.map(field => `    ${field.name}: '${field.knowable}',`), '  },']
    }),
    '} as const',
    '',
  ].join('\n')
}

function typeOf(schema: unknown, seen: Map<string, string>): string {
  if (typeof schema === 'string') return primitives[schema] ?? schema.replace(/^.*\./, '')
  if (Array.isArray(schema)) {
    const parts = schema.map(branch => typeOf(branch, seen))
    return [...parts.filter(part => part !== 'null'), ...parts.filter(part => part === 'null')].join(' | ')
  }
  const named = schema as Named & { items?: unknown; logicalType?: string }
  if (named.type === 'array') {
    const item = typeOf(named.items, seen)
    return item.includes(' ') ? `(${item})[]` : `${item}[]`
  }
  if (named.type === 'enum') {
    seen.set(named.name, `${docOf(named.doc, '')}${union(named.name, named.symbols ?? [])}`)
    return named.name
  }
  if (named.type === 'record') {
    if (seen.has(named.name)) return named.name
    const lines = (named.fields ?? []).map(
      field => `${docOf(field.doc, '  ')}  ${field.name}: ${typeOf(field.type, seen)}`,
    )
    seen.set(named.name, `${docOf(named.doc, '')}export type ${named.name} = {\n${lines.join('\n')}\n}`)
    return named.name
  }
  return typeOf(named.type, seen)
}

/** On one line if it fits, as the formatter has it. */
function union(name: string, symbols: readonly string[]): string {
  const line = `export type ${name} = ${symbols.map(symbol => `'${symbol}'`).join(' | ')}`
  if (line.length <= lineWidth) return line
  return [`export type ${name} =`, ...symbols.map(symbol => `  | '${symbol}'`)].join('\n')
}

function docOf(doc: string | undefined, indent: string): string {
  return doc ? `${indent}/** ${doc} */\n` : ''
}

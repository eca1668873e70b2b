// What may be asked of the warehouse from outside: one statement that reads its tables. The engine's own `readonly` stops
// writes to tables and settings, but an embedded engine would still read and write files, run programs and call other
// machines for whoever asks. So a question is cut into tokens and refused when it
//
//   is more than one statement, or begins with anything but SELECT, WITH, SHOW, DESCRIBE or EXPLAIN,
//   writes its answer somewhere (INTO OUTFILE) or has a format of its own,
//   calls a function that reaches out of the tables, or names a table by a path.

import { Failure } from '../lib/failure.ts'

type Token = { readonly kind: 'word' | 'name' | 'text' | 'sign'; readonly text: string }

const begins = ['SELECT', 'WITH', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', '(']

/** Table functions that make their rows from nothing, or from tables that may be read anyway. */
const harmlessTableFunctions = [
  'numbers',
  'numbers_mt',
  'zeros',
  'zeros_mt',
  'generateseries',
  'generate_series',
  'generaterandom',
  'primes',
  'values',
  'null',
  'view',
  'format',
]

/** Functions besides table functions that reach out of the tables, hold others up or give away the machine. */
const reachingFunctions =
  /^(file|sleep|sleepeachrow|reversednsquery|catboostevaluate|executable|getclienthttpheader|getserversetting|ai[a-z]*|filesystem[a-z]*)$/

/**
 * @param tableFunctions of the engine, by name
 * @throws Failure QUERY_REFUSED
 */
export function assertReadOnly(sql: string, tableFunctions: readonly string[]): void {
  const tokens = tokensOf(sql)
  while (tokens.at(-1)?.text === ';') tokens.pop()
  const first = tokens[0]?.text.toUpperCase()
  if (first === undefined) throw refused('there is no question')
  if (!begins.includes(first))
    throw refused(`${first} is more than a question`, 'Begin with SELECT, WITH, SHOW, DESCRIBE or EXPLAIN.')
  const reaching = new Set(tableFunctions.map(name => name.toLowerCase()))
  for (const name of harmlessTableFunctions) reaching.delete(name)
  tokens.forEach((token, at) => assertFine(token, tokens[at - 1], tokens[at + 1], reaching))
}

function assertFine(token: Token, before: Token | undefined, after: Token | undefined, reaching: Set<string>): void {
  const upper = token.kind === 'word' ? token.text.toUpperCase() : ''
  if (token.text === ';' && token.kind === 'sign') throw refused('one statement at a time')
  if (upper === 'OUTFILE' || upper === 'INFILE') throw refused(`${upper} would leave the warehouse`)
  if (upper === 'FORMAT' && after?.kind === 'word')
    throw refused('the format is not chosen in the statement', 'Leave FORMAT out; --json gives JSON.')
  if (token.kind === 'name' && /[/\\:]/.test(token.text)) throw refused(`"${token.text}" is a path`)
  if (token.kind === 'text' && /^(FROM|JOIN|TABLE)$/i.test(before?.text ?? '') && before?.kind === 'word')
    throw refused(`'${token.text}' is no table`)
  const name = token.text.toLowerCase()
  if ((token.kind === 'word' || token.kind === 'name') && after?.text === '(' && after.kind === 'sign') {
    if (reaching.has(name) || reachingFunctions.test(name)) throw refused(`${token.text}() reaches out of the tables`)
  }
}

function refused(
  what: string,
  help = 'Questions read the tables and nothing else; `SHOW TABLES` lists them.',
): Failure {
  return new Failure('QUERY_REFUSED', what, { help })
}

/** Comments and space fall away; a quoted name loses its quotes. What is not closed goes on to the end. */
function tokensOf(sql: string): Token[] {
  const tokens: Token[] = []
  const forms =
    /\s+|--[^\n]*|#[! ][^\n]*|\/\*[\s\S]*?(?:\*\/|$)|(?<heredoc>\$(?<tag>\w*)\$[\s\S]*?(?:\$\k<tag>\$|$))|'(?<text>(?:\\[\s\S]|''|[^'\\])*)(?:'|$)|"(?<double>(?:\\[\s\S]|""|[^"\\])*)(?:"|$)|`(?<tick>(?:\\[\s\S]|``|[^`\\])*)(?:`|$)|(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<sign>[\s\S])/gu
  for (const { groups = {} } of sql.matchAll(forms)) {
    const { heredoc, text, double, tick, word, sign } = groups
    const quoted = double ?? tick
    if (word !== undefined) tokens.push({ kind: 'word', text: word })
    else if (quoted !== undefined) tokens.push({ kind: 'name', text: quoted })
    else if (text !== undefined || heredoc !== undefined) tokens.push({ kind: 'text', text: text ?? heredoc ?? '' })
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign })
  }
  return tokens
}

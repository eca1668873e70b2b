import { expect, test } from 'vitest'
import { assertReadOnly } from '../../src/app/read-only-sql.ts'

const tableFunctions = ['file', 'url', 's3', 'remote', 'executable', 'numbers', 'values', 'format', 'mergeTreeIndex']

const fine = [
  'SELECT count() FROM predictions FINAL',
  '  with 1 as a select a ;',
  '(SELECT 1) UNION ALL (SELECT 2)',
  'SHOW TABLES',
  'DESCRIBE TABLE outcomes',
  'EXPLAIN SELECT 1',
  "SELECT ';', 'INTO OUTFILE', 'file(1)' -- file('x'); DROP TABLE a\n",
  "SELECT 'it''s; \\' fine', `late %` /* ; url( */ FROM outcomes",
  'SELECT number FROM numbers(10)',
  "SELECT format('{}', origin), file FROM outcomes",
  'SELECT $$ ; file( $$',
]

test.each(fine)('%s may be asked', sql => {
  expect(() => assertReadOnly(sql, tableFunctions)).not.toThrow()
})

const refused: [sql: string, says: RegExp][] = [
  ['', /no question/],
  ['-- nothing', /no question/],
  ['INSERT INTO outcomes SELECT 1', /INSERT is more/],
  ['DROP TABLE outcomes', /DROP is more/],
  ['set readonly = 0', /SET is more/],
  ['SELECT 1; DROP TABLE outcomes', /one statement/],
  ["SELECT 1 INTO OUTFILE '/tmp/a'", /OUTFILE/],
  ["SELECT 1 into/**/outfile '/tmp/a'", /OUTFILE/i],
  ['SELECT 1 FORMAT CSV', /format/],
  ["SELECT * FROM file('/etc/passwd', LineAsString)", /file\(\)/],
  ["SELECT * FROM FILE ('/etc/passwd')", /FILE\(\)/],
  ["SELECT * FROM `file`('/etc/passwd')", /file\(\)/],
  ["SELECT * FROM numbers(1), url('http://a')", /url\(\)/],
  ["SELECT file('/etc/passwd')", /file\(\)/],
  ["SELECT aiGenerate('x')", /aiGenerate/],
  ['SELECT sleep(3)', /sleep/],
  ['SELECT * FROM `/etc/passwd`', /is a path/],
  ['SELECT * FROM "../secret.csv"', /is a path/],
  ["SELECT * FROM 'secret.csv'", /is no table/],
]

test.each(refused)('%s is refused', (sql, says) => {
  expect(() => assertReadOnly(sql, tableFunctions)).toThrow(
    expect.objectContaining({ code: 'QUERY_REFUSED', message: expect.stringMatching(says) as string }) as Error,
  )
})

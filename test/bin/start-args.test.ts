import { expect, test } from 'vitest'
import { parseArgs } from '../../bin/start-args.mjs'

test('without arguments the page is at 8080 on this machine only', () => {
  expect(parseArgs([])).toEqual({ port: 8080, host: '127.0.0.1', open: true, help: false, rest: [] })
})

test('both spellings of an option are understood', () => {
  expect(parseArgs(['--port', '18099']).port).toBe(18099)
  expect(parseArgs(['--port=18099']).port).toBe(18099)
})

test('what is not for the start is passed on in order', () => {
  const { open, rest } = parseArgs(['--data-dir', 'here', '--no-open', '--speed=60', '--empty'])
  expect(open).toBe(false)
  expect(rest).toEqual(['--data-dir', 'here', '--speed=60', '--empty'])
})

test.each(['0', '65536', '80.5', 'http', ''])('--port %s is refused, with an example', text => {
  expect(() => parseArgs(['--port', text])).toThrow(/1 to 65535.*npm start -- --port 8081/)
})

test('--port at the very end is refused', () => {
  expect(() => parseArgs(['--port'])).toThrow(/not nothing/)
})

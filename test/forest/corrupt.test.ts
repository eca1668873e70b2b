import { expect, test } from 'vitest'
import { corrupt } from '../../src/forest/corrupt.ts'

test('a corrupt model file says what was found where, and what to do', () => {
  expect(corrupt('its hash does not fit', 'hash')).toMatchObject({
    code: 'MODEL_CORRUPT',
    message: 'model file: its hash does not fit',
    field: 'hash',
    help: expect.stringContaining('Fetch the file again') as string,
  })
  expect(corrupt('cut off').field).toBeUndefined()
})

import { expect, test, vi } from 'vitest'
import { SchemasFiles } from '../../src/adapters/schemas-files.ts'
import { ownSchemas } from '../../src/app/own-schemas.ts'
import { openPorts } from '../../src/app/ports.ts'
import { temporaryFolder } from '../cli/cli.ts'

test('an owner registers each schema once and knows their ids, a reader registers none and has none', async () => {
  const folder = temporaryFolder()
  const register = vi.spyOn(SchemasFiles.prototype, 'register')
  const own = ownSchemas()
  const { schemaIds } = await openPorts({ folder }, 'owner')
  expect(register.mock.calls.map(([subject]) => subject).sort()).toEqual(own.map(({ subject }) => subject).sort())
  // by file name, so that an empty registry gives the same ids each time
  expect(schemaIds).toEqual(Object.fromEntries(own.map(({ name }, at) => [name, at + 1])))
  register.mockClear()
  expect((await openPorts({ folder }, 'reader')).schemaIds).toEqual({})
  expect(register).not.toHaveBeenCalled()
  register.mockRestore()
})

import { SchemasMemory } from '../../src/adapters/schemas-memory.ts'
import { describeSchemas } from '../contracts/schemas.ts'

describeSchemas('schemas-memory', () => new SchemasMemory())

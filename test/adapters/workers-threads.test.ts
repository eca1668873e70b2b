import { WorkersThreads } from '../../src/adapters/workers-threads.ts'
import { describeWorkers } from '../contracts/workers.ts'

describeWorkers('workers-threads', () => new WorkersThreads())

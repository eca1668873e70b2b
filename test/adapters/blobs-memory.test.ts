import { BlobsMemory } from '../../src/adapters/blobs-memory.ts'
import { describeBlobs } from '../contracts/blobs.ts'

describeBlobs('blobs-memory', () => new BlobsMemory())

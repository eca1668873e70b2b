// The stages.
export { ingest } from './ingest.ts'
export { observe } from './observe.ts'
export { register } from './register.ts'
export { score } from './score.ts'
export { seal } from './seal.ts'

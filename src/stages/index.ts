// The stages.
export { ingest } from './ingest.ts'
export { judge } from './judge.ts'
export { monitor } from './monitor.ts'
export { observe } from './observe.ts'
export { register } from './register.ts'
export { score } from './score.ts'
export { seal } from './seal.ts'

import { testSeeds } from './test-seeds.ts'

testSeeds('odd', seed => seed % 2 === 1)

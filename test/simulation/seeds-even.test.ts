import { testSeeds } from './test-seeds.ts'

testSeeds('even', seed => seed % 2 === 0)

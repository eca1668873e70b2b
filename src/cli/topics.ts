import { group } from './command.ts'
import { topicsCheck } from './topics-check.ts'
import { topicsCreate } from './topics-create.ts'
import { topicsDigest } from './topics-digest.ts'
import { topicsDescribe, topicsLs, topicsSchema } from './topics-ls.ts'
import { topicsProduce } from './topics-produce.ts'
import { topicsTail } from './topics-tail.ts'

export const command = group('topics', 'look into the topics of a data folder', [
  topicsLs,
  topicsDescribe,
  topicsTail,
  topicsDigest,
  topicsProduce,
  topicsSchema,
  topicsCheck,
  topicsCreate,
])

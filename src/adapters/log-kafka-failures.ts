// What went wrong at a broker, as the codes of ours that the runtime decides by.

import { Failure, failureIn } from '../lib/failure.ts'

/** Error numbers of the Kafka protocol that are told apart here. */
export const brokerCodes = {
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  messageTooLarge: 10,
  coordinatorLoading: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  invalidTopic: 17,
  illegalGeneration: 22,
  inconsistentProtocol: 23,
  unknownMember: 25,
  invalidSessionTimeout: 26,
  rebalanceInProgress: 27,
  topicExists: 36,
  outOfOrderSequence: 45,
  invalidProducerEpoch: 47,
  invalidTransactionState: 48,
  invalidProducerIdMapping: 49,
  concurrentTransactions: 51,
  unknownProducerId: 59,
  memberIdRequired: 79,
  fencedInstance: 82,
  producerFenced: 90,
} as const

const fencing: readonly number[] = [
  brokerCodes.invalidProducerEpoch,
  brokerCodes.invalidProducerIdMapping,
  brokerCodes.producerFenced,
]

/** A refusal in an answer that log-kafka reads itself. */
export class BrokerError extends Error {
  readonly code: number

  constructor(code: number, where: string) {
    super(`the broker answered with error ${code} for ${where}`)
    this.name = 'BrokerError'
    this.code = code
  }
}

/** The number in a broker's answer, wherever it stands in the chain of causes; undefined when none answered. */
export function brokerCodeIn(error: unknown): number | undefined {
  const seen = new Set<unknown>()
  for (let at = error; at instanceof Error && !seen.has(at); at = at.cause) {
    seen.add(at)
    const { code, name } = at as { code?: unknown; name: string }
    if (typeof code === 'number' && (name === 'BrokerError' || name === 'KafkaJSProtocolError')) return code
  }
  return undefined
}

export function isFencing(error: unknown): boolean {
  const code = brokerCodeIn(error)
  return code !== undefined && fencing.includes(code)
}

/** An error of a broker or of the way to it, told with what was tried. */
export function failureOf(error: unknown, what: string): Failure {
  const own = failureIn(error)
  if (own) return own
  const code = brokerCodeIn(error)
  const message = `${what}: ${error instanceof Error ? error.message : String(error)}`
  if (isFencing(error)) return new Failure('TASK_FENCED', message, { cause: error })
  if (code === brokerCodes.messageTooLarge) return new Failure('RECORD_TOO_LARGE', message, { cause: error })
  if (code === brokerCodes.unknownTopicOrPartition || code === brokerCodes.invalidTopic) {
    return new Failure('TOPIC_MISMATCH', message, { cause: error, help: 'Make the topics: slipstream topics create.' })
  }
  return new Failure('LOG_UNREACHABLE', message, {
    cause: error,
    help: 'Check that the brokers of kafkaBrokers (or of `npm run stack`) run, and user, password and certificates.',
  })
}

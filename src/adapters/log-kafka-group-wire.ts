// The calls of a group of members as log-kafka-group speaks them: JoinGroup 5, SyncGroup 3, Heartbeat 3, LeaveGroup 3, the
// first versions in which a member may have a name of its own (`instance`) and come back under it.

import type { WireRequest } from 'kafkajs/src/cluster/index.js'
import { WireReader, WireWriter, wire } from './log-kafka-wire.ts'

/** All members of a group name the same type; consumers have another. */
const protocolType = 'slipstream'

export type JoinAsked = {
  readonly group: string
  readonly sessionMs: number
  /** How long the others wait for a member to join anew. */
  readonly rebalanceMs: number
  readonly memberId: string
  readonly instance: string | null
  /** Members with different ones cannot be in one group. */
  readonly protocol: string
  readonly metadata: Buffer
}

export type Joined = {
  readonly errorCode: number
  readonly generation: number
  readonly leader: string
  /** Also when `errorCode` asks to join again under it. */
  readonly memberId: string
  /** Those of the leader alone. */
  readonly members: readonly { readonly memberId: string; readonly metadata: Buffer }[]
}

/** Answered when all have joined, so it may take as long as the longest of the members' sessions. */
export function joinRequest(asked: JoinAsked): WireRequest<Joined> {
  const { group, sessionMs, rebalanceMs, memberId, instance, protocol, metadata } = asked
  const encode = () => {
    const out = new WireWriter(256 + 3 * (group + memberId + instance + protocol).length + metadata.length)
    out.text(group).int32(sessionMs).int32(rebalanceMs).text(memberId).nullable(instance).text(protocolType)
    return out.int32(1).text(protocol).bytes(metadata).done()
  }
  const decode = (payload: Buffer): Joined => {
    const reader = new WireReader(payload)
    reader.int32()
    const errorCode = reader.int16()
    const generation = reader.int32()
    reader.nullable()
    const leader = reader.text()
    const id = reader.text()
    const members = Array.from({ length: reader.int32() }, () => {
      const member = reader.text()
      reader.nullable()
      return { memberId: member, metadata: reader.bytes() }
    })
    return { errorCode, generation, leader, memberId: id, members }
  }
  const request = wire({ apiKey: 11, apiVersion: 5, apiName: 'JoinGroup' }, encode, decode)
  return { ...request, requestTimeout: sessionMs + rebalanceMs + 5000 }
}

/** A member in a generation of its group. */
export type MemberOf = {
  readonly group: string
  readonly generation: number
  readonly memberId: string
  readonly instance: string | null
}

export type Assignments = readonly { readonly memberId: string; readonly assignment: Buffer }[]
export type Synced = { readonly errorCode: number; readonly assignment: Buffer }

/** The leader says what each one gets; everybody is told what is theirs. */
export function syncRequest(of: MemberOf, assignments: Assignments): WireRequest<Synced> {
  const encode = () => {
    const size = assignments.reduce(
      (sum, { memberId, assignment }) => sum + 16 + 3 * memberId.length + assignment.length,
      0,
    )
    const out = memberIn(of, size).int32(assignments.length)
    for (const { memberId, assignment } of assignments) out.text(memberId).bytes(assignment)
    return out.done()
  }
  const decode = (payload: Buffer): Synced => {
    const reader = new WireReader(payload)
    reader.int32()
    return { errorCode: reader.int16(), assignment: reader.bytes() }
  }
  return wire({ apiKey: 14, apiVersion: 3, apiName: 'SyncGroup' }, encode, decode)
}

export function heartbeatRequest(of: MemberOf): WireRequest<number> {
  return wire({ apiKey: 12, apiVersion: 3, apiName: 'Heartbeat' }, () => memberIn(of, 0).done(), errorCodeIn)
}

/** The others need not wait for its session to end. */
export function leaveRequest({ group, memberId, instance }: MemberOf): WireRequest<number> {
  const encode = () => {
    const out = new WireWriter(64 + 3 * (group + memberId + instance).length)
    return out.text(group).int32(1).text(memberId).nullable(instance).done()
  }
  return wire({ apiKey: 13, apiVersion: 3, apiName: 'LeaveGroup' }, encode, errorCodeIn)
}

function memberIn({ group, generation, memberId, instance }: MemberOf, more: number): WireWriter {
  const out = new WireWriter(64 + 3 * (group + memberId + instance).length + more)
  return out.text(group).int32(generation).text(memberId).nullable(instance)
}

function errorCodeIn(payload: Buffer): number {
  const reader = new WireReader(payload)
  reader.int32()
  return reader.int16()
}

// Fields of XGBoost's JSON, each checked: numbers come as numbers, or as texts where they are parameters.

import { broken } from './refusal.ts'

export type Json = { readonly [field: string]: unknown }

export function objectOf(value: unknown, field: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  throw broken(`${field} of the XGBoost model is no object`, field)
}

export function fieldsOf(object: Json, field: string): Json {
  return objectOf(ownOf(object, field), field)
}

export function listOf(object: Json, field: string): readonly unknown[] {
  const value = ownOf(object, field)
  if (Array.isArray(value)) return value as unknown[]
  throw broken(`${field} of the XGBoost model is no list`, field)
}

export function textOf(object: Json, field: string): string {
  const value = ownOf(object, field)
  if (typeof value === 'string') return value
  throw broken(`${field} of the XGBoost model is no text`, field)
}

export function textsOf(object: Json, field: string): string[] {
  return listOf(object, field).map(value => {
    if (typeof value === 'string') return value
    throw broken(`${field} of the XGBoost model holds what is no text`, field)
  })
}

/** A parameter: a whole number from 0 on, written as text. Without a default it must be there. */
export function wholeOf(object: Json, field: string, without?: number): number {
  if (without !== undefined && !Object.hasOwn(object, field)) return without
  const text = textOf(object, field)
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw broken(`${field} of the XGBoost model is "${text.slice(0, 40)}", no whole number`, field)
}

/** Finite numbers, `count` of them if it is given. */
export function numbersOf(object: Json, field: string, count?: number): number[] {
  const list = listOf(object, field)
  if (count !== undefined && list.length !== count)
    throw broken(`${field} of the XGBoost model has ${list.length} numbers instead of ${count}`, field)
  return list.map(value => {
    if (typeof value === 'number' && Number.isFinite(value)) return value
    throw broken(`${field} of the XGBoost model holds what is no number`, field)
  })
}

export function wholesOf(object: Json, field: string, count?: number): number[] {
  const numbers = numbersOf(object, field, count)
  const odd = numbers.find(number => number !== (number | 0))
  if (odd === undefined) return numbers
  throw broken(`${field} of the XGBoost model holds ${odd}, no whole number of 32 bits`, field)
}

/** 0 and 1, or true and false. */
export function flagsOf(object: Json, field: string, count: number): boolean[] {
  const list = listOf(object, field)
  if (list.length !== count)
    throw broken(`${field} of the XGBoost model has ${list.length} flags instead of ${count}`, field)
  return list.map(value => {
    if (value === 0 || value === false) return false
    if (value === 1 || value === true) return true
    throw broken(`${field} of the XGBoost model holds what is no flag`, field)
  })
}

function ownOf(object: Json, field: string): unknown {
  if (Object.hasOwn(object, field)) return object[field]
  throw broken(`the XGBoost model has no ${field}`, field)
}

// The names of categories in XGBoost's model, which it keeps since 3.1 of a model from a data frame: for each feature a list
// in the order of the codes, of texts (their UTF-8 bytes one behind the other, and where each begins) or of numbers.

import { broken } from './refusal.ts'
import { fieldsOf, type Json, listOf, numbersOf, objectOf, wholesOf } from './xgboost-json.ts'

/** By feature; null where a model has codes alone. @throws Failure MODEL_CORRUPT */
export function categoriesOf(forest: Json, featureCount: number): (readonly string[] | null)[] {
  const encodings = 'cats' in forest ? listOf(fieldsOf(forest, 'cats'), 'enc') : []
  if (encodings.length !== 0 && encodings.length !== featureCount)
    throw broken(`cats has ${encodings.length} lists for ${featureCount} features`, 'cats')
  return Array.from({ length: featureCount }, (_, feature) => {
    const encoding = encodings[feature]
    if (encoding === undefined) return null
    const names = namesOf(objectOf(encoding, `cats.enc[${feature}]`))
    if (new Set(names).size !== names.length) throw broken(`two categories of feature ${feature} share a name`, 'cats')
    return names.length === 0 ? null : names
  })
}

function namesOf(encoding: Json): string[] {
  if (!('offsets' in encoding)) return numbersOf(encoding, 'values').map(String)
  const offsets = wholesOf(encoding, 'offsets')
  const bytes = wholesOf(encoding, 'values')
  if (offsets.length === 0 && bytes.length === 0) return []
  const isInOrder = offsets.every((offset, index) => offset >= (offsets[index - 1] ?? 0))
  if (!isInOrder || offsets[0] !== 0 || offsets.at(-1) !== bytes.length)
    throw broken(`cats holds ${bytes.length} bytes of names, which its offsets do not divide`, 'cats')
  // bytes are written as signed numbers
  const all = Uint8Array.from(bytes)
  return offsets.slice(1).map((end, index) => textOf(all.subarray(offsets[index], end)))
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw broken('the name of a category is no UTF-8 text', 'cats')
  }
}

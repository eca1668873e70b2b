// Fields that several routes take, as JSON schema.

import { Type } from './type.ts'

export const flightId = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'The flight, by the id it was scheduled with.',
})

export const airportCode = Type.String({
  pattern: '^[A-Z0-9]{3,4}$',
  description: 'IATA code of an airport.',
  examples: ['EWR'],
})

export const carrierCode = Type.String({
  pattern: '^[A-Z0-9]{2,3}$',
  description: 'IATA code of a carrier.',
  examples: ['UA'],
})

export const flightNumber = Type.Integer({
  minimum: 1,
  maximum: 9_999,
  description: "The carrier's number of the flight.",
})

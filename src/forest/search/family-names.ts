// Names of the algorithms that a search compares (families.ts), for those who know no more of them.

export const familyNames = ['boosting', 'forest', 'logistic', 'ml-random-forest'] as const
export type FamilyName = (typeof familyNames)[number]

import { expect, it } from 'vitest'
import { featuresPage } from '../../src/features/page.ts'
import { features } from '../../src/features/table.ts'

it('docs/features.md is what the table prints', async () => {
  await expect(featuresPage(features)).toMatchFileSnapshot('../../docs/features.md')
})

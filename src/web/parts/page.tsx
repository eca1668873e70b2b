import { page } from '../state.ts'
import { Banner } from './banner.tsx'
import { Help } from './help.tsx'
import { Later } from './later.tsx'
import { Live } from './live.tsx'
import { Rail } from './rail.tsx'
import { TopBar } from './top-bar.tsx'

const drift = () => import('../drift/drift.tsx').then(({ Drift }) => Drift)

const models = () => import('../models/models.tsx').then(({ Models }) => Models)
const later = { drift, models }

export function Page() {
  return (
    <div class="frame">
      <Rail />
      <div class="page">
        <TopBar />
        <Banner />
        {page.value === 'live' ? <Live /> : <Later key={page.value} load={later[page.value]} />}
      </div>
      <Help />
    </div>
  )
}

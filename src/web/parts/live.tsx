import { Airports } from './airports.tsx'
import { BalanceSheet } from './balance-sheet.tsx'
import { Drawer } from './drawer.tsx'
import { LoopPanel } from './loop-panel.tsx'
import { QualityPanel } from './quality.tsx'
import { RiskChart } from './risk-chart.tsx'
import { StageStrip } from './stage-strip.tsx'
import { Story } from './story.tsx'
import { Stream } from './stream.tsx'
import { Transport } from './transport.tsx'

export function Live() {
  return (
    <>
      <main class="live">
        <Transport />
        <StageStrip />
        <Story />
        <Airports />
        <Stream />
        <RiskChart />
        <LoopPanel />
        <BalanceSheet />
        <QualityPanel />
      </main>
      <Drawer />
    </>
  )
}

import { Airports } from './airports.tsx'
import { BalanceSheet } from './balance-sheet.tsx'
import { Banner } from './banner.tsx'
import { Drawer } from './drawer.tsx'
import { Help } from './help.tsx'
import { QualityPanel } from './quality.tsx'
import { RiskChart } from './risk-chart.tsx'
import { StageStrip } from './stage-strip.tsx'
import { Stream } from './stream.tsx'
import { TopBar } from './top-bar.tsx'
import { Transport } from './transport.tsx'

export function Page() {
  return (
    <>
      <TopBar />
      <Banner />
      <main>
        <Transport />
        <StageStrip />
        <Airports />
        <Stream />
        <RiskChart />
        <BalanceSheet />
        <QualityPanel />
      </main>
      <Drawer />
      <Help />
    </>
  )
}

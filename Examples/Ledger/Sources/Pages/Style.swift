enum Style {
    static let sheet = """
        :root { color-scheme: light dark; --ink: #1c2430; --page: #f6f7f4; --card: #fff; --line: #d8ddd4; --brand: #22603b; --on: #fff; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e7ebe5; --page: #121613; --card: #1b211d; --line: #333d36; --brand: #8fd3a8; --on: #0c1710; }
        }
        * { box-sizing: border-box; }
        body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); }
        header, footer { display: flex; flex-wrap: wrap; gap: .5rem 1.2rem; align-items: center; padding: .7rem 1.2rem; background: var(--card); }
        header { border-bottom: 1px solid var(--line); }
        footer { border-top: 1px solid var(--line); }
        fieldset { border: 0; margin: 0; padding: 0; }
        legend { float: left; margin-right: .6rem; }
        nav { display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin-right: auto; }
        .brand { font-weight: 700; color: var(--brand); text-decoration: none; }
        a { color: var(--brand); }
        main { max-width: 60rem; margin: 1.5rem auto; padding: 0 1.2rem; min-height: 60vh; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; background: var(--card); }
        th, td { text-align: left; padding: .5rem .7rem; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
        th::first-letter, .plan { text-transform: capitalize; }
        main > p > a { margin-right: .8rem; }
        td form { display: inline-flex; gap: .3rem; }
        .number { text-align: right; font-variant-numeric: tabular-nums; }
        label { display: block; margin-top: .6rem; }
        input, select, button { font: inherit; color: inherit; padding: .35rem .6rem; border: 1px solid #7d8a80; border-radius: .3rem; background: var(--card); max-width: 100%; }
        main > form > :is(input:not([type=hidden]), select) { display: block; width: 22rem; }
        button { cursor: pointer; }
        button.primary { background: var(--brand); color: var(--on); border-color: var(--brand); margin-top: .8rem; }
        [aria-pressed=true] { font-weight: 700; }
        .notice { border-left: .3rem solid var(--brand); padding: .5rem .8rem; background: var(--card); }
        @media (max-width: 40rem) {
          header { gap: .4rem 1rem; }
          nav { flex-basis: 100%; order: 1; }
          .brand { margin-right: auto; }
          .wide, table, tbody { display: block; }
          thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
          tr { display: flex; flex-wrap: wrap; gap: .15rem 1rem; align-items: center; padding: .6rem .8rem; border-bottom: 1px solid var(--line); }
          td { border: 0; padding: 0; min-width: 0; }
          td:first-child { flex: 1 1 100%; font-weight: 600; }
          td.number:last-child, td:has(form) { margin-left: auto; }
          td form { flex-wrap: wrap; }
        }
        pre { background: var(--card); border: 1px solid var(--line); padding: .8rem; overflow-x: auto; }
        """
}

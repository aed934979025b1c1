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
        th, td { text-align: left; padding: .5rem .7rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
        td form { display: inline-flex; gap: .3rem; }
        .number { text-align: right; font-variant-numeric: tabular-nums; }
        label { display: block; margin-top: .6rem; }
        input, select, button { font: inherit; color: inherit; padding: .35rem .6rem; border: 1px solid #7d8a80; border-radius: .3rem; background: var(--card); max-width: 100%; }
        button { cursor: pointer; }
        button.primary { background: var(--brand); color: var(--on); border-color: var(--brand); margin-top: .8rem; }
        [aria-pressed=true] { font-weight: 700; }
        .notice { border-left: .3rem solid var(--brand); padding: .5rem .8rem; background: var(--card); }
        pre { background: var(--card); border: 1px solid var(--line); padding: .8rem; overflow-x: auto; }
        """
}

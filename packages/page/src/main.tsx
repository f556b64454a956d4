import { render } from "solid-js/web"
import { App } from "./layout/App.js"
import "./style/tokens.css"
import "./style/base.css"
import "./style/layout.css"
import "./style/library.css"
import "./style/panels.css"

const root = document.getElementById("page")
if (root !== null) render(() => <App />, root)

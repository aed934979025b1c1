/// Words that many pages share.
public struct CommonTexts: TextGroup {
    public let skip = Text("Skip to the content", "Ir al contenido", "Ir para o conteúdo")
    public let navigation = Text("Sections", "Secciones", "Seções")
    public let organization = Text("Organization", "Organización", "Organização")
    public let switchOrganization = Text("Switch organization", "Cambiar de organización", "Trocar de organização")
    public let signOut = Text("Sign out", "Cerrar sesión", "Sair")
    public let language = Text("Language", "Idioma", "Idioma")
    public let theme = Text("Appearance", "Apariencia", "Aparência")
    public let themeAuto = Text("Automatic", "Automática", "Automática")
    public let themeLight = Text("Light", "Clara", "Clara")
    public let themeDark = Text("Dark", "Oscura", "Escura")
    public let contact = Text("Contact", "Contacto", "Contato")
    public let apiReference = Text("API reference", "Referencia de la API", "Referência da API")
    public let continueOn = Text("Continue", "Continuar", "Continuar")
    public let name = Text("Name", "Nombre", "Nome")
    public let email = Text("E-mail address", "Correo electrónico", "E-mail")
    public let password = Text("Password", "Contraseña", "Senha")
    public let passwordHint = Text(
        "12 to 128 characters. A few words in a row work well.",
        "De 12 a 128 caracteres. Varias palabras seguidas funcionan bien.",
        "De 12 a 128 caracteres. Algumas palavras seguidas funcionam bem.")
    public let apply = Text("Apply", "Aplicar", "Aplicar")
    public let save = Text("Save", "Guardar", "Salvar")
    public let cancel = Text("Cancel", "Cancelar", "Cancelar")
    public let copy = Text("Copy", "Copiar", "Copiar")
    public let copied = Text("Copied", "Copiado", "Copiado")
    public let actions = Text("Actions", "Acciones", "Ações")
    public let pages = Text("Pages of this list", "Páginas de esta lista", "Páginas desta lista")
    public let previous = Text("Previous", "Anterior", "Anterior")
    public let next = Text("Next", "Siguiente", "Próxima")
    public let range = Text("{from}–{to}", "{from}–{to}", "{from}–{to}")
    public let reference = Text("Reference for support:", "Referencia para soporte:", "Referência para o suporte:")
    public let goHome = Text("Back to the start", "Volver al inicio", "Voltar ao início")
    public let anyAddress = Text("Any", "Cualquiera", "Qualquer")
    public let never = Text("Never", "Nunca", "Nunca")
    public let unknown = Text("Unknown", "Desconocida", "Desconhecido")
    public let via = Text(
        "Opened by the operator ({name})", "Abierta por el operador ({name})", "Aberta pelo operador ({name})")
    public let suspended = Text(
        "This organization is suspended: its keys are refused. You can still read and revoke.",
        "Esta organización está suspendida: sus claves se rechazan. Todavía puedes consultar y revocar.",
        "Esta organização está suspensa: suas chaves são recusadas. Você ainda pode consultar e revogar.")
    public let problem = Text("That did not work", "No ha funcionado", "Não funcionou")
}

/// Spans of time.
public struct TimeTexts: TextGroup {
    public let now = Text("just now", "ahora mismo", "agora mesmo")
    public let ago = Text("{span} ago", "hace {span}", "há {span}")
    public let ahead = Text("in {span}", "en {span}", "em {span}")
    public let years = Counted(Text("1 year", "1 año", "1 ano"), Text("{n} years", "{n} años", "{n} anos"))
    public let months = Counted(Text("1 month", "1 mes", "1 mês"), Text("{n} months", "{n} meses", "{n} meses"))
    public let days = Counted(Text("1 day", "1 día", "1 dia"), Text("{n} days", "{n} días", "{n} dias"))
    public let hours = Counted(Text("1 hour", "1 hora", "1 hora"), Text("{n} hours", "{n} horas", "{n} horas"))
    public let minutes = Counted(
        Text("1 minute", "1 minuto", "1 minuto"), Text("{n} minutes", "{n} minutos", "{n} minutos"))
    public let seconds = Counted(
        Text("1 second", "1 segundo", "1 segundo"), Text("{n} seconds", "{n} segundos", "{n} segundos"))
}

/// A language of the pages.
enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case spanish = "es"

    /// Of the languages that a browser names, in its order, the first that the pages speak.
    init(accepting field: String) {
        let names = field.split(separator: ",").map { $0.drop { $0 == " " }.prefix(2).lowercased() }
        self = names.lazy.compactMap { Language(rawValue: $0) }.first ?? .english
    }
}

/// One text in both languages: leaving one out does not compile.
struct Words: Sendable {
    let english: String
    let spanish: String

    init(_ english: String, _ spanish: String) {
        self.english = english
        self.spanish = spanish
    }

    subscript(language: Language) -> String {
        switch language {
        case .english: english
        case .spanish: spanish
        }
    }
}

extension Words {
    static let invoices = Words("Invoices", "Facturas")
    static let customers = Words("Customers", "Clientes")
    static let people = Words("People", "Personas")
    static let plan = Words("Plan", "Plan")
    static let keys = Words("API keys", "Claves de API")
    static let help = Words("Help Center", "Centro de ayuda")
    static let workspaces = Words("Workspaces", "Espacios de trabajo")
    static let workspace = Words("Workspace", "Espacio de trabajo")
    static let language = Words("Language", "Idioma")
    static let enter = Words("Open", "Abrir")

    static let signIn = Words("Sign in", "Iniciar sesión")
    static let signOut = Words("Sign out", "Cerrar sesión")
    static let email = Words("E-mail", "Correo electrónico")
    static let password = Words("Password", "Contraseña")
    static let signInFailed = Words(
        "Address or password are not right.", "El correo o la contraseña no son correctos.")

    static let number = Words("Number", "Número")
    static let customer = Words("Customer", "Cliente")
    static let status = Words("Status", "Estado")
    static let dueOn = Words("Due", "Vence")
    static let total = Words("Total", "Total")
    static let all = Words("All", "Todas")
    static let draft = Words("Draft", "Borrador")
    static let sent = Words("Sent", "Enviada")
    static let paid = Words("Paid", "Pagada")
    static let send = Words("Send", "Enviar")
    static let markPaid = Words("Mark as paid", "Marcar como pagada")
    static let newInvoice = Words("New invoice", "Nueva factura")
    static let newCustomer = Words("New customer", "Nuevo cliente")
    static let create = Words("Create", "Crear")
    static let descriptionOfLine = Words("Description", "Descripción")
    static let quantity = Words("Quantity", "Cantidad")
    static let unitCents = Words("Price in cents", "Precio en céntimos")
    static let currency = Words("Currency", "Moneda")
    static let none = Words("Nothing here yet.", "Todavía no hay nada.")
    static let next = Words("Next page", "Página siguiente")
    static let previous = Words("Previous page", "Página anterior")

    static let name = Words("Name", "Nombre")
    static let role = Words("Role", "Función")
    static let owner = Words("Owner", "Propietario")
    static let admin = Words("Admin", "Administrador")
    static let member = Words("Member", "Miembro")
    static let save = Words("Save", "Guardar")
    static let remove = Words("Remove", "Quitar")
    static let removed = Words(
        "Removed. Keys that they made and that go on working:",
        "Persona quitada. Claves que creó y que siguen funcionando:")
    static let noKeys = Words("none", "ninguna")
    static let lastOwner = Words(
        "A workspace keeps at least one owner.", "Un espacio conserva al menos un propietario.")
    static let changePlan = Words("Change plan", "Cambiar de plan")
    static let current = Words("current", "actual")
    static let activeKeys = Words("Active API keys", "Claves de API activas")
    static let unlimited = Words("unlimited", "ilimitadas")
    static let notIncluded = Words("not included", "no incluidas")

    static let ownersOnly = Words(
        "Only an owner of the workspace may do this.", "Solo un propietario del espacio puede hacer esto.")
    static let readersOnly = Words("Your role may only read.", "Su función solo permite leer.")
    static let notFound = Words("There is no such page here.", "Aquí no existe esa página.")
    static let wrongForm = Words(
        "This form belongs to another session. Open the page again.",
        "Este formulario pertenece a otra sesión. Vuelva a abrir la página.")
    static let invalid = Words("Not accepted", "No se acepta")

    static let helpLead = Words(
        "API keys let your code, scripts and other tools work with your invoices without anybody's password.",
        "Las claves de API permiten que su código, sus scripts y otras herramientas trabajen con sus facturas sin la contraseña de nadie."
    )
    static let helpUse = Words("Use a key", "Usar una clave")
    static let helpPlans = Words("How many keys each plan has", "Cuántas claves tiene cada plan")
    static let helpScope = Words(
        "A key belongs to the workspace that it was created in. It reads and changes nothing of any other, whoever made it.",
        "Una clave pertenece al espacio en el que se creó. No lee ni cambia nada de ningún otro, la haya creado quien la haya creado."
    )
    static let helpMore = Words("Creating, rotating and revoking keys", "Crear, rotar y revocar claves")
}

/// The list of keys.
public struct KeyTexts: TextGroup {
    public let title = Text("API keys", "Claves de API", "Chaves de API")
    public let lead = Text(
        "Keys let programs call the API without anybody's session.",
        "Las claves permiten que los programas llamen a la API sin la sesión de nadie.",
        "As chaves permitem que programas chamem a API sem a sessão de ninguém.")
    public let create = Text("Create API key", "Crear clave de API", "Criar chave de API")
    public let createFirst = Text("Create your first key", "Crea tu primera clave", "Crie sua primeira chave")
    public let howTo = Text("How it works", "Cómo funciona", "Como funciona")
    public let quota = Text("Active keys", "Claves activas", "Chaves ativas")
    public let quotaOf = Text("{used} of {limit} active", "{used} de {limit} activas", "{used} de {limit} ativas")
    public let quotaUnlimited = Text(
        "{used} active, no limit", "{used} activas, sin límite", "{used} ativas, sem limite")
    public let planNamed = Text("Plan {plan}", "Plan {plan}", "Plano {plan}")
    public let aboutPlan = Text("About your plan", "Sobre tu plan", "Sobre o seu plano")
    public let full = Text(
        "No place is free: the plan {plan} allows {limit}. Revoke a key that you no longer need, or change to a larger plan; then you can create again.",
        "No queda ninguna plaza: el plan {plan} permite {limit}. Revoca una clave que ya no necesites o cambia a un plan mayor; entonces podrás crear de nuevo.",
        "Não há vaga livre: o plano {plan} permite {limit}. Revogue uma chave de que não precisa mais ou mude para um plano maior; então poderá criar de novo."
    )
    public let noFeature = Text(
        "Your plan {plan} does not include API keys. Keys that exist keep working; a plan with API keys lets you create more.",
        "Tu plan {plan} no incluye claves de API. Las claves existentes siguen funcionando; un plan con claves de API te permite crear más.",
        "Seu plano {plan} não inclui chaves de API. As chaves existentes continuam funcionando; um plano com chaves de API permite criar mais."
    )
    public let mayNotCreate = Text(
        "Your role lets you see keys, not create them.", "Tu rol te permite ver claves, no crearlas.",
        "Sua função permite ver chaves, não criá-las.")
    public let emptyTitle = Text("No keys yet", "Aún no hay claves", "Ainda não há chaves")
    public let emptyAgain = Text("No keys in use", "Ninguna clave en uso", "Nenhuma chave em uso")
    public let emptyLead = Text(
        "A key takes a minute:", "Crear una clave lleva un minuto:", "Criar uma chave leva um minuto:")
    public let emptyStep1 = Text(
        "Give it a name that says which program uses it.", "Ponle un nombre que diga qué programa la usa.",
        "Dê a ela um nome que diga qual programa a usa.")
    public let emptyStep2 = Text(
        "Choose only the permissions that the program needs.", "Elige solo los permisos que el programa necesita.",
        "Escolha só as permissões de que o programa precisa.")
    public let emptyStep3 = Text(
        "Copy the key: it is shown once.", "Copia la clave: se muestra una sola vez.",
        "Copie a chave: ela é mostrada uma única vez.")
    public let showPast = Text(
        "Show keys that have ended", "Mostrar las claves que ya terminaron", "Mostrar as chaves que já terminaram")
    public let filterLabel = Text("Filter keys", "Filtrar claves", "Filtrar chaves")
    public let search = Text("Find by name", "Buscar por nombre", "Buscar pelo nome")
    public let status = Text("Status", "Estado", "Situação")
    public let sort = Text("Order", "Orden", "Ordem")
    public let statusLive = Text("In use", "En uso", "Em uso")
    public let statusAll = Text("All", "Todas", "Todas")
    public let active = Text("Active", "Activa", "Ativa")
    public let disabled = Text("Disabled", "Desactivada", "Desativada")
    public let rotating = Text("Being rotated", "En rotación", "Em rotação")
    public let expired = Text("Expired", "Caducada", "Expirada")
    public let revoked = Text("Revoked", "Revocada", "Revogada")
    public let sortNewest = Text("Newest first", "Más recientes primero", "Mais recentes primeiro")
    public let sortName = Text("By name", "Por nombre", "Por nome")
    public let sortUsed = Text("Last used first", "Usadas hace menos", "Usadas há menos tempo")
    public let sortExpiry = Text("Expiring first", "Caducan antes", "Expiram antes")
    public let permissions = Text("Permissions", "Permisos", "Permissões")
    public let nothing = Text("Nothing", "Nada", "Nada")
    public let more = Counted(
        Text("and 1 more", "y 1 más", "e mais 1"), Text("and {n} more", "y {n} más", "e mais {n}"))
    public let allowedIPs = Text("Allowed IPs", "IP permitidas", "IPs permitidos")
    public let addresses = Counted(
        Text("1 address", "1 dirección", "1 endereço"), Text("{n} addresses", "{n} direcciones", "{n} endereços"))
    public let lastUsed = Text("Last used", "Último uso", "Último uso")
    public let neverUsed = Text("Never used", "Sin usar", "Nunca usada")
    public let expires = Text("Expires", "Caduca", "Expira")
    public let createdBy = Text("Created by", "Creada por", "Criada por")
    public let revoke = Text("Revoke", "Revocar", "Revogar")
    public let revokeNamed = Text("Revoke {name}", "Revocar {name}", "Revogar {name}")
    public let noMatch = Text("No key matches.", "Ninguna clave coincide.", "Nenhuma chave corresponde.")
    public let showAll = Text("Show all that are in use", "Mostrar todas las que están en uso", "Mostrar todas em uso")
    public let caption = Text("Keys {from} to {to}", "Claves {from} a {to}", "Chaves {from} a {to}")
    public let lookup = Text("Which key is this?", "¿Qué clave es esta?", "Que chave é esta?")
    public let lookupLead = Text(
        "Found a key in a log or a repository? Paste it, or its SHA-256, and see which of your keys it is.",
        "¿Has encontrado una clave en un registro o un repositorio? Pégala, o su SHA-256, y verás cuál de tus claves es.",
        "Encontrou uma chave em um log ou repositório? Cole-a, ou o SHA-256 dela, e veja qual das suas chaves é.")
    public let lookupLabel = Text(
        "A key, or 64 hex characters of its SHA-256", "Una clave, o los 64 caracteres hexadecimales de su SHA-256",
        "Uma chave, ou os 64 caracteres hexadecimais do SHA-256 dela")
    public let lookupHint = Text(
        "It is neither kept nor logged. If it was public, revoke it.",
        "No se guarda ni se registra. Si estuvo expuesta, revócala.",
        "Ela não é guardada nem registrada. Se ficou exposta, revogue-a.")
    public let lookupButton = Text("Look it up", "Buscarla", "Procurar")
    public let lookupNone = Text(
        "No key of this organization. A typo, or a key of somebody else.",
        "No es una clave de esta organización. Un error al copiar, o una clave ajena.",
        "Não é uma chave desta organização. Um erro de cópia, ou uma chave de outro.")
}

/// Creating and editing a key.
public struct KeyFormTexts: TextGroup {
    public let editTitle = Text("Edit {name}", "Editar {name}", "Editar {name}")
    public let generate = Text("Generate", "Generar", "Gerar")
    public let nameHint = Text(
        "What uses it, such as “Nightly deploy” or “Invoice export”. One key per integration.",
        "Qué la usa, por ejemplo «Despliegue nocturno» o «Exportación de facturas». Una clave por integración.",
        "O que a usa, por exemplo “Deploy noturno” ou “Exportação de faturas”. Uma chave por integração.")
    public let permissions = Text("Permissions", "Permisos", "Permissões")
    public let permissionsLead = Text(
        "Give only what the program needs: it limits the damage of a leak.",
        "Concede solo lo que el programa necesita: así limitas el daño de una filtración.",
        "Conceda só o que o programa precisa: isso limita o dano de um vazamento.")
    public let presets = Text("Start from:", "Partir de:", "Começar com:")
    public let presetRead = Text("Read only", "Solo lectura", "Somente leitura")
    public let presetDeploy = Text("CI deploy", "Despliegue de CI", "Deploy de CI")
    public let presetNone = Text("Nothing", "Nada", "Nada")
    public let resource = Text("Resource", "Recurso", "Recurso")
    public let actionsColumn = Text("Actions", "Acciones", "Ações")
    public let allActions = Text("all", "todas", "todas")
    public let ownResources = Text(
        "Managing this organization", "Gestión de esta organización", "Gestão desta organização")
    public let allResources = Text("Every resource", "Todos los recursos", "Todos os recursos")
    public let everything = Text("everything, now and later", "todo, ahora y después", "tudo, agora e depois")
    public let noneWarning = Text(
        "Without permissions a key is valid but may do nothing. You can add some later.",
        "Sin permisos, la clave es válida pero no puede hacer nada. Puedes añadirlos más tarde.",
        "Sem permissões, a chave é válida mas não pode fazer nada. Você pode adicioná-las depois.")
    public let instances = Text("Single instances", "Instancias concretas", "Instâncias específicas")
    public let instancesLabel = Text("One permission a line", "Un permiso por línea", "Uma permissão por linha")
    public let instancesHint = Text(
        "RESOURCE/INSTANCE:ACTION allows an action on one thing only, such as one project.",
        "RECURSO/INSTANCIA:ACCIÓN permite una acción sobre una sola cosa, por ejemplo un proyecto.",
        "RECURSO/INSTÂNCIA:AÇÃO permite uma ação sobre uma única coisa, por exemplo um projeto.")
    public let ips = Text("Allowed IPs (optional)", "IP permitidas (opcional)", "IPs permitidos (opcional)")
    public let ipsHint = Text(
        "One IPv4 or IPv6 address a line. Requests from any other address are refused. Empty allows every address.",
        "Una dirección IPv4 o IPv6 por línea. Las peticiones desde cualquier otra se rechazan. Vacío permite todas.",
        "Um endereço IPv4 ou IPv6 por linha. Requisições de qualquer outro são recusadas. Vazio permite todos.")
    public let ipInvalid = Text(
        "is not an IPv4 or IPv6 address", "no es una dirección IPv4 o IPv6", "não é um endereço IPv4 ou IPv6")
    public let ipCIDR = Text(
        "is a range: write single addresses", "es un rango: escribe direcciones sueltas",
        "é uma faixa: escreva endereços individuais")
    public let ipGood = Text(
        "Addresses look right.", "Las direcciones parecen correctas.", "Os endereços parecem corretos.")
    public let useIP = Text("Use my current IP ({ip})", "Usar mi IP actual ({ip})", "Usar meu IP atual ({ip})")
    public let expiry = Text("Expiration (optional)", "Caducidad (opcional)", "Expiração (opcional)")
    public let expiryNone = Text("Does not expire", "No caduca", "Não expira")
    public let onDate = Text("On a date", "En una fecha", "Em uma data")
    public let date = Text("Last day", "Último día", "Último dia")
    public let expiryHint = Text(
        "The key works through the end of that day, UTC.", "La clave funciona hasta el final de ese día, UTC.",
        "A chave funciona até o fim desse dia, UTC.")
    public let labels = Text("Labels", "Etiquetas", "Etiquetas")
    public let labelsLabel = Text("One key=value a line", "Una clave=valor por línea", "Uma chave=valor por linha")
    public let labelsHint = Text(
        "For finding and revoking keys together, such as team=payments.",
        "Para encontrar y revocar claves juntas, por ejemplo team=payments.",
        "Para encontrar e revogar chaves em conjunto, por exemplo team=payments.")
    public let updated = Text("The key is changed.", "La clave se ha modificado.", "A chave foi alterada.")
    public let conflict = Text(
        "This form has created a key already. To create another one, open a new form.",
        "Este formulario ya ha creado una clave. Para crear otra, abre un formulario nuevo.",
        "Este formulário já criou uma chave. Para criar outra, abra um formulário novo.")
}

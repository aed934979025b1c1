/// Members, invitations and roles.
public struct PeopleTexts: TextGroup {
    public let title = Text("Members", "Miembros", "Membros")
    public let caption = Text("Members of {organization}", "Miembros de {organization}", "Membros de {organization}")
    public let role = Text("Role", "Rol", "Função")
    public let grants = Text("Extra permissions", "Permisos adicionales", "Permissões extras")
    public let joined = Text("Joined", "Desde", "Desde")
    public let you = Text("You", "Tú", "Você")
    public let edit = Text("Edit", "Editar", "Editar")
    public let editNamed = Text("Edit {name}", "Editar {name}", "Editar {name}")
    public let inviteTitle = Text("Invite somebody", "Invitar a alguien", "Convidar alguém")
    public let inviteLead = Text(
        "You get a link to send yourself; it works once, for 7 days.",
        "Obtienes un enlace para enviarlo tú; funciona una vez, durante 7 días.",
        "Você recebe um link para enviar; ele funciona uma vez, por 7 dias.")
    public let invite = Text("Make the link", "Crear el enlace", "Criar o link")
    public let invitedTitle = Text("Invitation for {email}", "Invitación para {email}", "Convite para {email}")
    public let linkLead = Text(
        "Copy the link now and send it.", "Copia el enlace ahora y envíalo.", "Copie o link agora e envie.")
    public let linkOnce = Text("It is shown this once.", "Se muestra esta única vez.", "Ele é mostrado só desta vez.")
    public let linkLabel = Text("The invitation's link", "El enlace de la invitación", "O link do convite")
    public let linkReplayed = Text(
        "This form was sent already, and its link was shown then. Withdraw the invitation and make a new one if it is lost.",
        "Este formulario ya se envió y su enlace se mostró entonces. Si se perdió, retira la invitación y crea otra.",
        "Este formulário já foi enviado e o link foi mostrado então. Se foi perdido, retire o convite e crie outro.")
    public let openTitle = Text("Open invitations", "Invitaciones abiertas", "Convites abertos")
    public let noneOpen = Text("None.", "Ninguna.", "Nenhum.")
    public let expires = Text("expires {when}", "caduca {when}", "expira {when}")
    public let withdraw = Text("Withdraw", "Retirar", "Retirar")
    public let withdrawNamed = Text(
        "Withdraw the invitation for {email}", "Retirar la invitación para {email}", "Retirar o convite para {email}")
    public let withdrawn = Text(
        "The invitation is withdrawn.", "La invitación se ha retirado.", "O convite foi retirado.")
    public let backToMembers = Text("Back to members", "Volver a miembros", "Voltar aos membros")
    public let roleHint = Text(
        "You can give only what you hold yourself; only owners make owners.",
        "Solo puedes conceder lo que tú tienes; solo los propietarios nombran propietarios.",
        "Você só pode conceder o que tem; só proprietários nomeiam proprietários.")
    public let grantsLabel = Text(
        "Permissions beyond the role, one a line", "Permisos más allá del rol, uno por línea",
        "Permissões além da função, uma por linha")
    public let grantsHint = Text(
        "Such as project/prj_1:deploy.", "Por ejemplo project/prj_1:deploy.", "Por exemplo project/prj_1:deploy.")
    public let saved = Text("The member is changed.", "El miembro se ha modificado.", "O membro foi alterado.")
    public let removeTitle = Text("Remove from the organization", "Quitar de la organización", "Remover da organização")
    public let removeLead = Text(
        "The person loses access at once. Keys they made stay, since they belong to the organization: you see them next.",
        "La persona pierde el acceso al instante. Las claves que creó se quedan, porque son de la organización: las verás a continuación.",
        "A pessoa perde o acesso na hora. As chaves que criou ficam, pois são da organização: você as verá a seguir.")
    public let remove = Text("Remove", "Quitar", "Remover")
    public let removeNamed = Text("Remove {name}?", "¿Quitar a {name}?", "Remover {name}?")
    public let removeSure = Text(
        "{name} ({email}) loses access to {organization} at once.",
        "{name} ({email}) pierde el acceso a {organization} al instante.",
        "{name} ({email}) perde o acesso a {organization} na hora.")
    public let keysLead = Text(
        "These keys that they made keep working until somebody rotates or revokes them:",
        "Estas claves que creó seguirán funcionando hasta que alguien las rote o revoque:",
        "Estas chaves que criou continuam funcionando até que alguém as rotacione ou revogue:")
    public let removedTitle = Text("{name} is removed", "{name} ya no es miembro", "{name} foi removido")
    public let keysStay = Text(
        "These keys were made by them and still work. Rotate what is needed, revoke the rest.",
        "Estas claves las creó esa persona y siguen funcionando. Rota las necesarias y revoca el resto.",
        "Estas chaves foram criadas por essa pessoa e ainda funcionam. Rotacione as necessárias e revogue o resto.")
    public let noKeysLeft = Text(
        "They left no keys that work.", "No dejó claves que funcionen.", "Não deixou chaves que funcionem.")
    public let rolesTitle = Text("Roles", "Roles", "Funções")
    public let rolesLead = Text(
        "A role is a named set of permissions. A member has one role, and extra permissions beside it.",
        "Un rol es un conjunto de permisos con nombre. Cada miembro tiene un rol y, además, permisos adicionales.",
        "Uma função é um conjunto de permissões com nome. Cada membro tem uma função e, além dela, permissões extras.")
    public let builtIn = Text("set by the operator", "fijado por el operador", "definida pelo operador")
    public let newRole = Text("New role", "Nuevo rol", "Nova função")
    public let roleNameHint = Text(
        "a–z, 0–9, _ and -, starting with a letter.", "a–z, 0–9, _ y -, empezando por una letra.",
        "a–z, 0–9, _ e -, começando por uma letra.")
    public let permissionsLabel = Text(
        "Permissions, one a line", "Permisos, uno por línea", "Permissões, uma por linha")
    public let createRole = Text("Create the role", "Crear el rol", "Criar a função")
    public let roleSaved = Text("The role is saved.", "El rol se ha guardado.", "A função foi salva.")
    public let roleExists = Text(
        "A role of this name exists already. Edit that one.", "Ya existe un rol con este nombre. Edítalo.",
        "Já existe uma função com este nome. Edite-a.")
    public let removeRole = Text("Delete this role", "Eliminar este rol", "Excluir esta função")
    public let removeRoleLead = Text(
        "Possible once no member has it.", "Posible cuando ningún miembro lo tenga.",
        "Possível quando nenhum membro a tiver.")
    public let roleRemoved = Text("The role is deleted.", "El rol se ha eliminado.", "A função foi excluída.")
    public let owner = Text("Owner", "Propietario", "Proprietário")
    public let admin = Text("Admin", "Administrador", "Administrador")
    public let member = Text("Member", "Miembro", "Membro")
}

/// The organization, its plan and its settings.
public struct OrganizationTexts: TextGroup {
    public let chooseTitle = Text("Your organizations", "Tus organizaciones", "Suas organizações")
    public let none = Text(
        "You are not a member of any organization yet. Ask for an invitation.",
        "Aún no formas parte de ninguna organización. Pide una invitación.",
        "Você ainda não faz parte de nenhuma organização. Peça um convite.")
    public let current = Text("Current", "Actual", "Atual")
    public let open = Text("Open", "Abrir", "Abrir")
    public let openNamed = Text("Open {name}", "Abrir {name}", "Abrir {name}")
    public let createTitle = Text("Create an organization", "Crear una organización", "Criar uma organização")
    public let create = Text("Create", "Crear", "Criar")
    public let slug = Text("Short name", "Nombre corto", "Nome curto")
    public let slugHint = Text(
        "a–z, 0–9 and inner hyphens; used by programs.", "a–z, 0–9 y guiones interiores; lo usan los programas.",
        "a–z, 0–9 e hifens internos; usado por programas.")
    public let created = Text(
        "The organization is created.", "La organización se ha creado.", "A organização foi criada.")
    public let planTitle = Text("Plan", "Plan", "Plano")
    public let plan = Text("Plan", "Plan", "Plano")
    public let plans = Text("All plans", "Todos los planes", "Todos os planos")
    public let plansLead = Text(
        "To change the plan, contact whoever runs this service. After a change to a smaller plan your keys keep working; new ones wait until there is room.",
        "Para cambiar de plan, contacta con quien administra este servicio. Al pasar a un plan menor tus claves siguen funcionando; las nuevas esperan a que haya sitio.",
        "Para mudar de plano, fale com quem administra este serviço. Ao mudar para um plano menor suas chaves continuam funcionando; novas esperam até haver vaga."
    )
    public let activeKeys = Text("Active keys", "Claves activas", "Chaves ativas")
    public let unlimited = Text("unlimited", "sin límite", "ilimitadas")
    public let notIncluded = Text("not included", "no incluidas", "não incluídas")
    public let rateLimit = Text("Calls per key", "Llamadas por clave", "Chamadas por chave")
    public let organizationRate = Text(
        "Calls of all keys together", "Llamadas de todas las claves juntas", "Chamadas de todas as chaves juntas")
    public let features = Text("Features", "Funciones", "Recursos")
    public let settingsTitle = Text("Settings", "Ajustes", "Configurações")
    public let rename = Text(
        "Rename the organization", "Cambiar el nombre de la organización", "Renomear a organização")
    public let renamed = Text(
        "The organization has its new name.", "La organización tiene su nuevo nombre.",
        "A organização tem seu novo nome.")
    public let keysManagedBy = Text("Who manages keys", "Quién gestiona las claves", "Quem gerencia as chaves")
    public let managedByOwner = Text("Owners only", "Solo los propietarios", "Só proprietários")
    public let managedByPermission = Text(
        "Whoever holds the api_key permissions", "Quien tenga los permisos api_key", "Quem tiver as permissões api_key")
    public let createdOn = Text("Created", "Creada", "Criada")
    public let nodes = Text(
        "Servers that verify your keys", "Servidores que verifican tus claves", "Servidores que verificam suas chaves")
    public let nodesLead = Text(
        "A revoke returns once each of these has applied it, or can no longer accept a key.",
        "Una revocación termina cuando cada uno la ha aplicado o ya no puede aceptar una clave.",
        "Uma revogação termina quando cada um a aplicou ou já não pode aceitar uma chave.")
    public let node = Text("Server", "Servidor", "Servidor")
    public let nodeState = Text("State", "Estado", "Estado")
    public let nodeLive = Text("Live", "Activo", "Ativo")
    public let nodeGone = Text("Gone", "Ausente", "Ausente")
    public let nodeRevision = Text("Last change applied", "Último cambio aplicado", "Última mudança aplicada")
}

/// The audit log.
public struct AuditTexts: TextGroup {
    public let title = Text("Audit log", "Registro de auditoría", "Registro de auditoria")
    public let lead = Text(
        "Everything that changed something, and refused attempts. Nobody can edit it unnoticed.",
        "Todo lo que cambió algo, y los intentos rechazados. Nadie puede editarlo sin que se note.",
        "Tudo o que mudou algo, e tentativas recusadas. Ninguém pode editá-lo sem que se note.")
    public let export = Text("Export as JSON Lines", "Exportar como JSON Lines", "Exportar como JSON Lines")
    public let chain = Text("Chain", "Cadena", "Cadeia")
    public let chainIdle = Text(
        "Each event is sealed to the one before it.", "Cada evento está sellado al anterior.",
        "Cada evento está selado ao anterior.")
    public let chainEvents = Counted(
        Text("1 event", "1 evento", "1 evento"), Text("{n} events", "{n} eventos", "{n} eventos"))
    public let chainGood = Text(
        "The last {n} events are complete and unaltered.", "Los últimos {n} eventos están completos y sin alterar.",
        "Os últimos {n} eventos estão completos e inalterados.")
    public let chainBad = Text(
        "The chain breaks at event {n}. Tell whoever runs this service.",
        "La cadena se rompe en el evento {n}. Avisa a quien administra este servicio.",
        "A cadeia se rompe no evento {n}. Avise quem administra este serviço.")
    public let intact = Text("Intact", "Intacta", "Íntegra")
    public let broken = Text("Broken", "Rota", "Rompida")
    public let head = Text(
        "Newest link, to keep elsewhere:", "Último eslabón, para guardarlo en otro lugar:",
        "Último elo, para guardar em outro lugar:")
    public let checkNow = Text("Check it now", "Comprobarla ahora", "Verificar agora")
    public let filter = Text("Filter events", "Filtrar eventos", "Filtrar eventos")
    public let byOperator = Text("Operator ({name})", "Operador ({name})", "Operador ({name})")
    public let throughOperator = Text(
        "through the operator ({name})", "a través del operador ({name})", "por meio do operador ({name})")
    public let byLocalCommand = Text("Local command ({name})", "Comando local ({name})", "Comando local ({name})")
    public let byKey = Text("Key {name}", "Clave {name}", "Chave {name}")
    public let anything = Text("Anything", "Cualquier cosa", "Qualquer coisa")
    public let what = Text("What", "Qué", "O quê")
    public let who = Text("Who", "Quién", "Quem")
    public let from = Text("From", "Desde", "De")
    public let to = Text("To", "Hasta", "Até")
    public let target = Text("On what", "Sobre qué", "Sobre o quê")
    public let details = Text("Details", "Detalles", "Detalhes")
    public let show = Text("Show", "Ver", "Ver")
    public let empty = Text("No event matches.", "Ningún evento coincide.", "Nenhum evento corresponde.")
    public let older = Text("Older", "Anteriores", "Mais antigos")
    public let times = Text("{n} times", "{n} veces", "{n} vezes")
}

/// What was done, in the past tense of a log.
public struct ActionTexts: TextGroup {
    public let signIn = Text("Signed in", "Inicio de sesión", "Entrada")
    public let acceptInvitation = Text("Invitation accepted", "Invitación aceptada", "Convite aceito")
    public let openLink = Text("Signed in by link", "Inicio de sesión por enlace", "Entrada por link")
    public let endSession = Text("Session ended", "Sesión cerrada", "Sessão encerrada")
    public let decideDevice = Text(
        "Answered a device", "Respondió a un dispositivo", "Respondeu a um dispositivo")
    public let changePassword = Text("Password changed", "Contraseña cambiada", "Senha trocada")
    public let createOrganization = Text("Organization created", "Organización creada", "Organização criada")
    public let updateOrganization = Text("Organization renamed", "Organización renombrada", "Organização renomeada")
    public let putMember = Text("Member changed", "Miembro modificado", "Membro alterado")
    public let removeMember = Text("Member removed", "Miembro quitado", "Membro removido")
    public let createInvitation = Text("Invitation made", "Invitación creada", "Convite criado")
    public let removeInvitation = Text("Invitation withdrawn", "Invitación retirada", "Convite retirado")
    public let putRole = Text("Role saved", "Rol guardado", "Função salva")
    public let removeRole = Text("Role deleted", "Rol eliminado", "Função excluída")
    public let createKey = Text("Key created", "Clave creada", "Chave criada")
    public let updateKey = Text("Key changed", "Clave modificada", "Chave alterada")
    public let revokeKey = Text("Key revoked", "Clave revocada", "Chave revogada")
    public let revokeKeys = Text("Keys revoked", "Claves revocadas", "Chaves revogadas")
    public let rotateKey = Text("Key rotated", "Clave rotada", "Chave rotacionada")
    public let operatorOrganization = Text(
        "Organization changed by the operator", "Organización modificada por el operador",
        "Organização alterada pelo operador")
    public let operatorMember = Text(
        "Member changed by the operator", "Miembro modificado por el operador", "Membro alterado pelo operador")
    public let operatorRevoke = Text(
        "Keys revoked by the operator", "Claves revocadas por el operador", "Chaves revogadas pelo operador")
    public let operatorLink = Text("Sign-in link made", "Enlace de acceso creado", "Link de entrada criado")
}

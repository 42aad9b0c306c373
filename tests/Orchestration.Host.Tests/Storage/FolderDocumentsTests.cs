using Orchestration.Core.Ports;
using Orchestration.Host.Storage;
using Orchestration.Persistence.Contract;

namespace Orchestration.Host.Tests.Storage;

public sealed class FolderDocumentsTests : ServiceDocumentsContract, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestration-documents-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    protected override IServiceDocuments Open() => new FolderDocuments(_folder);
}

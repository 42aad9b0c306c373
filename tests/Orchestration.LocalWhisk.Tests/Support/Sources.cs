using System.IO.Compression;
using System.Text;

namespace Orchestration.LocalWhisk.Tests.Support;

internal static class Sources
{
    public const string Echo = "def main(args):\n    return args\n";

    public const string Sleep = "import time\ndef main(args):\n    time.sleep(args['ms'] / 1000)\n    return {'slept': args['ms']}\n";

    public const string Environment = "import os\ndef main(args):\n    return {'env': dict(os.environ), 'args': args, 'cwd': os.getcwd(), 'pid': os.getpid()}\n";

    /// <summary>The actions that the conformance cases speak of.</summary>
    public static IReadOnlyDictionary<string, string> Fixtures { get; } = new Dictionary<string, string>
    {
        ["echo"] = Echo,
        ["sleep"] = Sleep,
        ["env"] = Environment,
        ["inc"] = "def main(args):\n    return {'n': args.get('n', 0) + 1}\n",
        ["appfail"] = "def main(args):\n    return {'error': 'boom', 'x': 1}\n",
        ["throwpy"] = "def main(args):\n    raise ValueError('no such clip')\n",
        ["crash"] = "import os\ndef main(args):\n    os._exit(1)\n",
        ["scalar"] = "def main(args):\n    return 'text'\n",
        ["nul"] = "def main(args):\n    return None\n",
        ["arr"] = "def main(args):\n    return [1, 2]\n",
        ["log"] = "import sys\ndef main(args):\n    print('out')\n    print('err', file=sys.stderr)\n    return {}\n",
    };

    /// <summary>The library of .NET actions that is built beside these tests, as OpenWhisk takes it.</summary>
    public static string DotNetLibrary { get; } = ZipFolder(Path.Combine(Repository.Root, "artifacts", "bin", "Orchestration.LocalWhisk.DotNetAction", Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar))));

    private static string ZipFolder(string folder)
    {
        using var stream = new MemoryStream();
        ZipFile.CreateFromDirectory(folder, stream);
        return Convert.ToBase64String(stream.ToArray());
    }

    /// <summary>A zip of text files as OpenWhisk takes it: base64 without line breaks.</summary>
    public static string Zip(params (string Name, string Text)[] files)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            foreach (var (name, text) in files)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }
        return Convert.ToBase64String(stream.ToArray());
    }
}

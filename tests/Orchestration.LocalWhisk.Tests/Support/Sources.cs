using System.IO.Compression;
using System.Text;

namespace Orchestration.LocalWhisk.Tests.Support;

internal static class Sources
{
    public const string Echo = "def main(args):\n    return args\n";

    public const string Sleep = "import time\ndef main(args):\n    time.sleep(args['ms'] / 1000)\n    return {'slept': args['ms']}\n";

    public const string Environment = "import os\ndef main(args):\n    return {'env': dict(os.environ), 'args': args, 'cwd': os.getcwd(), 'pid': os.getpid()}\n";

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
